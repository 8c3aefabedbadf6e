import ArgumentParser
import ControlAPI
import Host
import Names
import Vocabulary

/// `grapevine dns query`.
struct DNSQuery: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask this machine's agent for a name, over DNS; exit 2 where there is none.",
        discussion: """
            web, web.prod and web.prod.svc mean the service's whole name, 10.96.0.17 the name that an
            address leads back to; a name with a dot at its end is taken as it is.
            """
    )

    @Argument(help: "A service, a name, or an address.")
    var name: String

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp(
            "A, AAAA, SRV, PTR, TXT, … (default: A; SRV for _port._tcp.…, PTR for an address)",
            valueName: "type"
        )
    )
    var type: QueryType?

    @Option(
        help: ArgumentHelp(
            "Ask this server and not the agent's own.",
            valueName: "ip:port"
        )
    )
    var server: PeerAddress?

    @Flag(help: "Ask over TCP.")
    var tcp = false

    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var client: ClientOptions

    init() {}

    /// A type of records, by its name or number.
    struct QueryType: Hashable, Sendable, ExpressibleByArgument {
        let value: RecordType

        init?(argument: String) {
            guard let value = RecordType(argument) else { return nil }
            self.value = value
        }
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let names = try await agent.get(NamesReply.self, Route.names)
        let question = try question(in: names.zone, namespace.name(in: environment))
        guard let address = server ?? names.server else {
            throw Failure(.failed, "the agent answers at \(names.listener), which is no address")
        }
        do {
            let reply = try await NameInquiry(at: address, overTCP: tcp).ask(question)
            return show(reply.text, question, from: address)
        } catch {
            let reasons = server == nil ? names.troubles.map { "\n\($0)" }.joined() : ""
            throw Failure(.failed, "\(error)\(reasons)")
        }
    }

    /// What is asked for, whole.
    func question(in zone: String, _ namespace: String) throws(Failure) -> Question {
        if let backwards = DomainName(reversing: name) {
            return Question(backwards, type?.value ?? .ptr)
        }
        guard let whole = DomainName(Self.completed(name.lowercased(), zone, namespace)) else {
            throw Failure(.usage, "\"\(name)\" is no name: labels of 1...63 letters, 255 in all")
        }
        return Question(whole, type?.value ?? (name.hasPrefix("_") ? .srv : .a))
    }

    private static func completed(_ name: String, _ zone: String, _ namespace: String) -> String {
        if name.hasSuffix(".") || name == zone || name.hasSuffix(".\(zone)") { return name }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        if let last = labels.last, ["svc", "ep", "pod", "node"].contains(last) {
            return "\(name).\(zone)"
        }
        // `_http._tcp.web` is a service without its namespace, too.
        let ports = labels.prefix { $0.hasPrefix("_") }.count
        switch labels.count - ports {
        case 1: return "\(name).\(namespace).svc.\(zone)"
        case 2: return "\(name).svc.\(zone)"
        default: return name
        }
    }

    private func show(_ text: AnswerText, _ question: Question, from server: PeerAddress) -> Answer
    {
        if !text.answers.isEmpty { return Answer(text.answers.joined(separator: "\n")) }
        let code = ResponseCode(rawValue: text.code)
        let words =
            switch code {
            case .noError: "\(question.name) exists and has no record of that type"
            case .nameError: "there is no name \(question.name)"
            case .refused: "\(question.name) is none of the cluster's names: \(server) refuses it"
            case .serverFailure: "\(server) cannot say yet: its agent has just started"
            default: "\(server) answers \(code?.name ?? "code \(text.code)")"
            }
        return Answer("", notes: [words], status: .noMatch)
    }
}
