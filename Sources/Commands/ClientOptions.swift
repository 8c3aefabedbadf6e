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

/// How a reply is shown.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case table, wide, json, yaml, name

    /// A reply as it is asked for: as data, in a person's words, or by its name where it has one.
    func text(
        of reply: some Encodable,
        words: @autoclosure () -> String,
        name: @autoclosure () -> String? = nil
    ) throws(Failure) -> String {
        switch self {
        case .table, .wide: words()
        case .json: Rendering.json(reply)
        case .yaml: try Rendering.yaml(reply)
        case .name: name() ?? words()
        }
    }
}

/// How a command shows what it was told.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: "table, wide, json, yaml or name. Also GRAPEVINE_OUTPUT."
    )
    var output: OutputFormat?

    @Flag(help: "Print no headings over tables.")
    var noHeaders = false

    init() {}

    /// - Throws: `Failure` where the environment asks for a format that is none.
    func format(in environment: [String: String]) throws(Failure) -> OutputFormat {
        if let output { return output }
        guard let word = environment["GRAPEVINE_OUTPUT"], !word.isEmpty else { return .table }
        guard let format = OutputFormat(rawValue: word) else {
            let formats = OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.usage, "GRAPEVINE_OUTPUT is \"\(word)\"; it can be: \(formats)")
        }
        return format
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

    /// Asks the agent what it needs to, and says what to print.
    ///
    /// - Throws: `Failure`.
    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer
}

extension ClientCommand {
    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let agent = HostConnection(socket: client.socket(in: environment))
        let answer = try await answer(from: agent, environment: environment)
        Terminal.say(answer)
        try Terminal.show(await answer.ending(from: agent))
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
