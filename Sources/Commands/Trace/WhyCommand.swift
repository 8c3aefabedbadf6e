import ArgumentParser
import ControlAPI
import Vocabulary

/// `grapevine why ENDPOINT`: whether new connections come to an endpoint, and for which reasons.
struct WhyCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why an endpoint is in rotation or not; exit 3 where it is not.",
        discussion: """
            New connections come to an endpoint that its node declares ready, while that node is not
            suspected, or no other endpoint is ready. grapevine members --why NAME tells more of a
            node.
            """
    )

    @Argument(
        help: ArgumentHelp("10.1.0.5, 10.1.0.5:8080 or [fd00::5]:8080.", valueName: "endpoint")
    )
    var endpoint: EndpointPlace

    @Option(name: [.customShort("n"), .long], help: "Only services of this namespace.")
    var namespace: String?

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let all = try await agent.get(ObjectList<EndpointSliceObject>.self, Route.endpoints)
        let slices = all.items.filter { slice in
            (namespace ?? slice.metadata.namespace) == slice.metadata.namespace && holds(slice)
        }
        guard !slices.isEmpty else {
            throw Failure(
                .noMatch,
                "no service has an endpoint \(endpoint.text). Those there are: grapevine get "
                    + "endpoints -A; to add one: grapevine endpoint add SERVICE \(endpoint.text)"
            )
        }
        let rules = await Self.destinations(agent)
        var cases: [EndpointCase] = []
        for slice in slices {
            let node = slice.endpoints.first { $0.addresses == [endpoint.address.description] }
            guard let node else { continue }
            let path = Route.member(node.nodeName)
            let member = try? await agent.get(MemberCaseReply.self, path)
            let offered = Self.offers(slice, at: endpoint.address, rules)
            cases.append(EndpointCase(slice, node, endpoint, member, isOffered: offered))
        }
        let reply = EndpointCaseList(items: cases)
        let isIn = cases.contains(where: \.inRotation)
        return Answer(
            try format.text(
                of: reply,
                words: cases.map(\.text).joined(separator: "\n"),
                name: cases.map { "endpointslice/\($0.slice)" }.joined(separator: "\n")
            ),
            status: isIn ? .done : .unhealthy
        )
    }

    private func holds(_ slice: EndpointSliceObject) -> Bool {
        slice.endpoints.contains { $0.addresses == [endpoint.address.description] }
            && (endpoint.port.map { port in slice.ports.contains { $0.port == Int(port) } } ?? true)
    }

    /// Where this machine's rules send new connections, as `10.1.0.5:8080`; `nil` where there are
    /// no rules.
    private static func destinations(_ agent: any AgentConnection) async -> Set<String>? {
        guard let table = try? await agent.get(TableReply.self, Route.table),
            table.flavour != "none"
        else { return nil }
        return destinations(in: table.text)
    }

    /// What stands behind `--to-destination` in a text of `iptables-save`.
    static func destinations(in text: String) -> Set<String> {
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            for (word, next) in zip(words, words.dropFirst()) where word == "--to-destination" {
                found.insert(String(next))
            }
        }
        return found
    }

    /// Whether the rules send new connections to an endpoint; `nil` where there are no rules.
    private static func offers(
        _ slice: EndpointSliceObject,
        at address: IPAddress,
        _ rules: Set<String>?
    ) -> Bool? {
        guard let rules else { return nil }
        for port in slice.ports {
            guard let number = UInt16(exactly: port.port) else { continue }
            if rules.contains("\(PeerAddress(address, port: number))") { return true }
        }
        return false
    }
}

/// Why one endpoint of one service counts as it does.
struct EndpointCase: Encodable, Sendable {
    let kind = "EndpointCase"
    let service: String
    let slice: String
    let endpoint: String
    let node: String
    let inRotation: Bool
    let reasons: [Check]

    init(
        _ slice: EndpointSliceObject,
        _ found: EndpointSliceObject.Endpoint,
        _ place: EndpointPlace,
        _ member: MemberCaseReply?,
        isOffered: Bool?
    ) {
        service = "\(slice.metadata.namespace)/\(slice.service)"
        self.slice = slice.metadata.name
        endpoint = place.text
        node = found.nodeName
        inRotation = found.conditions.ready
        var reasons = [
            Self.declaration(found.conditions, of: service, on: found.nodeName)
        ]
        reasons +=
            member.map(Self.standing) ?? [
                .skipped(
                    "node",
                    "no evidence about \(found.nodeName): it is this machine, or no member"
                )
            ]
        if let isOffered {
            let words = "the rules of this machine "
            reasons.append(
                isOffered == found.conditions.ready
                    ? .good(
                        "rules",
                        words + (isOffered ? "send connections there" : "leave it out")
                    )
                    : .note(
                        "rules",
                        words
                            + (isOffered
                                ? "still send connections there" : "do not send any there"),
                        next: "grapevine trace \(slice.service).\(slice.metadata.namespace)"
                    )
            )
        }
        self.reasons = reasons
    }

    /// What the node itself says.
    private static func declaration(
        _ conditions: EndpointSliceObject.Conditions,
        of service: String,
        on node: String
    ) -> Check {
        if conditions.terminating {
            let rest = conditions.serving ? "; open connections go on" : ""
            return .bad(
                "declared",
                "\(node) drains it\(rest)",
                next: "on \(node): grapevine endpoint undrain"
            )
        }
        guard conditions.serving else {
            return .bad(
                "declared",
                "\(node) declares it not ready",
                next:
                    "on \(node): grapevine describe service \(service.split(separator: "/").last ?? "")"
            )
        }
        return .good("declared", "\(node) declares it ready")
    }

    /// What is thought of its node.
    private static func standing(_ reply: MemberCaseReply) -> [Check] {
        let member = reply.member
        let heard = member.lastHeardSeconds.map { ", heard \(MemberList.seconds($0)) ago" } ?? ""
        let since = " for \(MemberList.seconds(reply.stateSeconds))"
        let more = "grapevine members --why \(member.name)"
        var checks: [Check]
        switch member.state {
        case .alive where member.isUnheard:
            checks = [
                .note("node", "\(member.name) was not heard since this agent started", next: more)
            ]
        case .alive:
            checks = [
                .good("node", "\(member.name) is alive\(member.isSelf ? " (this one)" : heard)")
            ]
        case .suspect:
            let end = reply.deadInSeconds.map {
                "; dead in \(MemberList.seconds($0)) unless it refutes"
            }
            checks = [
                .bad(
                    "node",
                    "\(member.name) is suspect\(since)\(heard): others are preferred\(end ?? "")",
                    next: more
                )
            ]
        case .dead:
            checks = [
                .bad(
                    "node",
                    "\(member.name) is dead\(since)\(heard): out of rotation until it is heard; what it "
                        + "declared stays until its lease ends",
                    next: more
                )
            ]
        case .left:
            checks = [.bad("node", "\(member.name) left the cluster\(since)", next: more)]
        }
        for word in reply.words {
            let counts = word.counts ? "" : " (does not count)"
            checks.append(
                .note(
                    "accused",
                    "by \(word.accuser), \(MemberList.seconds(word.seconds)) ago\(counts)"
                )
            )
        }
        return checks
    }

    var text: String {
        let state = inRotation ? "in rotation" : "NOT in rotation"
        return "\(endpoint) of \(service) on \(node): \(state)\n"
            + reasons.map { $0.text.indented() }.joined(separator: "\n")
    }
}

private struct EndpointCaseList: Encodable {
    let apiVersion = "v1"
    let kind = "List"
    let items: [EndpointCase]
}

extension EndpointPlace {
    /// As a person would type it.
    var text: String { port.map { "\(PeerAddress(address, port: $0))" } ?? "\(address)" }
}
