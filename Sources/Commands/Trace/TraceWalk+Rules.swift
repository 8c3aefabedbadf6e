import ControlAPI
import Host
import Registry
import Translation
import Vocabulary

/// The kernel's rules, read once for a whole trace.
struct KernelRulesReading: Sendable {
    private var rules: [IPAddress.Family: KernelRules] = [:]
    private var problems: [IPAddress.Family: String] = [:]

    /// - Parameters:
    ///   - families: Which to read.
    ///   - flavour: `nft` or `legacy`: the rule set that the agent writes.
    init(families: Set<IPAddress.Family>, flavour: String) async {
        for family in families.sorted() {
            do {
                rules[family] = try KernelRules(
                    parsing: try await Self.text(family, Iptables.Flavour(rawValue: flavour))
                )
            } catch {
                problems[family] = "\(error)"
            }
        }
    }

    private static func text(
        _ family: IPAddress.Family,
        _ flavour: Iptables.Flavour?
    ) async throws -> String {
        // Before 1.8 there was one flavour, and no program with its name.
        if let text = try? await Iptables(flavour: flavour).save(family: family) { return text }
        return try await Iptables().save(family: family)
    }

    /// What the kernel holds for a family.
    ///
    /// - Throws: `Failure` that says why that is not known.
    func of(_ family: IPAddress.Family) throws(Failure) -> KernelRules {
        if let rules = rules[family] { return rules }
        throw Failure(.failed, problems[family] ?? "not read")
    }
}

/// The rule: where the kernel of this machine sends a new connection, and how often.
extension TraceWalk {
    func rule(_ port: ServiceObject.Port, _ reading: KernelRulesReading) -> [Check] {
        if status.table.flavour == "none" {
            return [.skipped("rule", "this agent writes no rules (--table none)")]
        }
        return addresses.map { rule(port, at: $0, reading) }
    }

    private func rule(
        _ port: ServiceObject.Port,
        at address: IPAddress,
        _ reading: KernelRulesReading
    ) -> Check {
        guard Privilege.canAdministerNetwork else {
            return .skipped(
                "rule",
                "the kernel's rules are for root",
                next: "sudo grapevine trace \(service.metadata.name)"
            )
        }
        guard let number = UInt16(exactly: port.port) else {
            return .skipped("rule", "\(port.port) is no port")
        }
        let transport: TransportProtocol = port.protocol == "UDP" ? .udp : .tcp
        let place = PeerAddress(address, port: number)
        let own = InterfaceAddress.all().map(\.address)
        let source =
            InterfaceAddress.source(towards: place)
            ?? own.first { $0.family == address.family && !$0.isLoopback }
            ?? address
        let packet = Packet(from: source, to: address, port: number, transport, .fromThisMachine)
        do {
            let rules = try reading.of(address.family)
            let outcomes = try PacketWalk(through: rules, ownAddresses: own).outcomes(of: packet)
            return Self.judge(outcomes, "\(place)/\(transport.name)", chain: chain(port))
        } catch let error as WalkError {
            return .skipped("rule", "the rules are not understood: \(error)")
        } catch let error as Failure {
            return .skipped("rule", error.message, next: "sudo iptables-save -t nat")
        } catch {
            return .skipped("rule", "\(error)")
        }
    }

    /// The chain of a service port, which has the same name on every machine.
    private func chain(_ port: ServiceObject.Port) -> String {
        let (namespace, name) = (service.metadata.namespace, service.metadata.name)
        guard let owner = ServiceName(namespace: namespace, name: name),
            let number = UInt16(exactly: port.port)
        else { return "" }
        let identity = ServicePort(
            name: port.name ?? "",
            transport: port.protocol == "UDP" ? .udp : .tcp,
            port: number
        )
        return "nat/\(ChainName.service(owner, identity))"
    }

    /// What the rules make of a packet, in words.
    static func judge(_ outcomes: [LikelyOutcome], _ place: String, chain: String) -> Check {
        var shares: [String] = []
        var others: [String] = []
        for likely in outcomes where likely.probability > 0 {
            let percent = "\(Int((likely.probability * 100).rounded())) %"
            switch likely.outcome {
            case .delivered(let endpoint, _): shares.append("\(percent) \(endpoint)")
            case .untouched: others.append("\(percent) not translated")
            case .rejected: others.append("\(percent) rejected")
            case .dropped: others.append("\(percent) dropped")
            }
        }
        let next = "grapevine table verify; grapevine table show"
        guard !shares.isEmpty else {
            let what = others.joined(separator: ", ")
            return .bad("rule", "\(place): the kernel sends it nowhere: \(what)", next: next)
        }
        let count = shares.count == 1 ? "1 backend" : "\(shares.count) backends"
        let shown = shares.prefix(8).joined(separator: ", ") + (shares.count > 8 ? ", …" : "")
        let words = "\(place) → \(chain): \(count): \(shown)"
        guard others.isEmpty else {
            return .bad("rule", "\(words); \(others.joined(separator: ", "))", next: next)
        }
        return .good("rule", words)
    }
}
