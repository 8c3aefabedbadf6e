import ArgumentParser
import ControlAPI
import Foundation

/// Which agent a command asks.
struct ClientOptions: ParsableArguments {
    @Option(
        name: .customLong("socket"),
        help: ArgumentHelp(
            "The agent's socket. Also GRAPEVINE_SOCKET; else \(Route.defaultSocket).",
            valueName: "path"
        )
    )
    var socketOption: String?

    init() {}

    /// The option, or the environment, or where the agent listens unless told otherwise.
    func socket(in environment: [String: String]) -> String {
        let fromEnvironment = environment["GRAPEVINE_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        return socketOption ?? fromEnvironment ?? Route.defaultSocket
    }
}

/// Which namespace is meant.
struct NamespaceOption: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long],
        help: "The namespace. Also GRAPEVINE_NAMESPACE; else default."
    )
    var namespace: String?

    init() {}

    func name(in environment: [String: String]) -> String {
        let fromEnvironment = environment["GRAPEVINE_NAMESPACE"].flatMap { $0.isEmpty ? nil : $0 }
        return namespace ?? fromEnvironment ?? "default"
    }
}

/// Whether a declaration of another node may be replaced.
struct OwnershipOption: ParsableArguments {
    @Flag(help: "Replace what other nodes declare, instead of being refused.")
    var takeOwnership = false

    init() {}

    func mark(_ request: inout AgentRequest) {
        guard takeOwnership else { return }
        request.query.append(AgentRequest.Query(name: Route.ownershipQuery, value: "true"))
    }
}

/// A command that asks the agent: everything but talking and printing is `answer`.
protocol ClientCommand: AsyncParsableCommand {
    var client: ClientOptions { get }
    /// What is waited for, once it takes longer than a second.
    var occupation: String { get }

    /// Asks the agent what it needs to, and says what to print.
    ///
    /// - Throws: `Failure`.
    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer
}

extension ClientCommand {
    var occupation: String { "waiting for the agent" }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let agent = HostConnection(socket: client.socket(in: environment))
        let answer = try await Progress.during(occupation) {
            try await self.answer(from: agent, environment: environment)
        }
        Terminal.say(answer)
        let ending: Answer = await Progress.during("waiting for the members' word") {
            () async -> Answer in await answer.ending(from: agent)
        }
        try Terminal.show(ending)
    }
}

/// Where answers are printed.
enum Terminal {
    /// Prints at once.
    static func say(_ answer: Answer) {
        if !answer.output.isEmpty { print(answer.output) }
        // Somebody may wait for what comes next.
        fflush(nil)
        for note in answer.notes { complain(note) }
    }

    /// Prints; an answer that does not end well ends the program so.
    static func show(_ answer: Answer) throws {
        say(answer)
        if let failure = answer.failure { throw failure }
        if answer.status != .done { throw ExitCode(answer.status.rawValue) }
    }

    static func complain(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
