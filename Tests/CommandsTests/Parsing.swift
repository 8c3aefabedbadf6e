import ArgumentParser

@testable import Commands

/// A command line as the program takes it, without running it.
enum Parsing {
    static func command(_ arguments: [String]) throws -> any ParsableCommand {
        try Grapevine.parseAsRoot(ArgumentOrder.settled(arguments))
    }

    /// What the program would end with.
    static func exitCode(of error: any Error) -> Int32 {
        if let failure = error as? Failure { return failure.status.rawValue }
        return Grapevine.exitCode(for: error).rawValue
    }
}
