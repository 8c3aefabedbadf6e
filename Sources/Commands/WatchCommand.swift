import ArgumentParser
import ControlAPI
import Foundation

/// `grapevine watch [KIND]`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print what changes, as it changes, until you press Ctrl-C.",
        discussion: """
            First comes all there is, then a line for each change. With -o json each line is as the agent
            sends it, with its revision. After a break, as a restart of the agent, it goes on by itself.
            """
    )

    @Argument(help: "services, endpoints, members or nodes. (default: services)")
    var kind: WatchedKind = .services

    @OptionGroup var namespace: NamespaceOption

    @Flag(
        name: [.customShort("A"), .customLong("all-namespaces")],
        help: "All namespaces instead of one."
    )
    var isAll = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func validate() throws {
        if isAll, namespace.namespace != nil {
            throw ValidationError("-A and -n exclude each other")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let format = try output.format(in: environment)
        let follower = Follower(
            connection: HostConnection(socket: client.socket(in: environment)),
            kind: kind.kind,
            namespace: namespaceShown(environment)
        )
        var printer = WatchPrinter(
            format: format,
            headings: !output.noHeaders,
            showsEvents: true,
            isOfAll: namespaceShown(environment) == nil
        )
        try await follower.run { line in
            if let text = try printer.text(of: line) { Terminal.say(Answer(text)) }
        }
    }

    private func namespaceShown(_ environment: [String: String]) -> String? {
        let hasNamespaces = kind == .services || kind == .endpoints
        return isAll || !hasNamespaces ? nil : namespace.name(in: environment)
    }
}

extension WatchCommand {
    /// A kind, by any of its names.
    enum WatchedKind: Sendable, ExpressibleByArgument {
        case services, endpoints, members, nodes

        init?(argument: String) {
            switch argument {
            case "services", "service", "svc": self = .services
            case "endpoints", "endpoint", "ep", "endpointslices", "endpointslice":
                self = .endpoints
            case "members", "member": self = .members
            case "nodes", "node", "no": self = .nodes
            default: return nil
            }
        }

        static var allValueStrings: [String] { WatchKind.allCases.map(\.rawValue) }
        var defaultValueDescription: String { kind.rawValue }

        var kind: WatchKind {
            switch self {
            case .services: .services
            case .endpoints: .endpoints
            case .members: .members
            case .nodes: .nodes
            }
        }
    }
}

/// A list that can go on as a watch: `get … -w`.
protocol WatchingCommand: ClientCommand {
    var options: ListOptions { get }
    var watched: WatchKind { get }

    /// Whether an object is among those that are asked for.
    func concerns(_ object: WatchObject) -> Bool
}

extension WatchingCommand {
    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let connection = HostConnection(socket: client.socket(in: environment))
        guard options.isWatching else {
            let answer = try await answer(from: connection, environment: environment)
            Terminal.say(answer)
            try Terminal.show(await answer.ending(from: connection))
            return
        }
        let follower = Follower(
            connection: connection,
            kind: watched,
            namespace: watched == .nodes ? nil : options.shown(in: environment)
        )
        var printer = WatchPrinter(
            format: try options.output.format(in: environment),
            headings: !options.output.noHeaders,
            showsEvents: false,
            isOfAll: options.shown(in: environment) == nil
        )
        try await follower.run { line in
            if let object = line.object, !concerns(object) { return }
            if let text = try printer.text(of: line) { Terminal.say(Answer(text)) }
        }
    }
}
