import ControlAPI
import Foundation
import Host
import Names
import Vocabulary

/// Whether names are answered where the agent says so, and whether the system asks for them.
struct NameExamination: Sendable {
    let word: AgentWord
    var dropIn = ResolverSetup.dropIn

    init(word: AgentWord) { self.word = word }

    func checks() async -> [Check] {
        guard word.status != nil else {
            return [
                .skipped("dns", "where names are answered, and for which zone, only an agent knows")
            ]
        }
        guard let names = word.names else {
            let why = word.namesFailure?.message.split(separator: "\n").first.map(String.init)
            return [.note("dns", why ?? "the agent does not say where it answers for names")]
        }
        guard let server = names.server else {
            let words = "the agent answers for names at \(names.listener), which is no address"
            return [.bad("dns", words, next: "grapevine config view --origins")]
        }
        let (own, isAnswered) = await listener(server, of: names.zone)
        return [own] + (await clusterAddresses(names))
            + (isAnswered ? await resolver(names.zone) : [])
    }

    // MARK: The agent's own door

    private func listener(_ server: PeerAddress, of zone: String) async -> (Check, Bool) {
        let look = "sudo ss -ulnp sport = :\(server.port); grapevine explain GV2050"
        guard let name = DomainName("dns-version.\(zone)") else {
            return (
                .bad("dns", "\(zone) is no zone", next: "grapevine config view --origins"), false
            )
        }
        do {
            let reply = try await NameInquiry(at: server).ask(Question(name, .txt))
            if reply.hasContent {
                return (.good("dns", "names of \(zone) are answered at \(server)"), true)
            }
            if reply.text.code == ResponseCode.serverFailure.rawValue {
                let words =
                    "\(server) cannot say yet which names there are: its agent has just started"
                return (.note("dns", words, next: "grapevine status"), false)
            }
            let words = "somebody else answers at \(server), who does not know \(zone)"
            return (.bad("dns", words, next: look), false)
        } catch {
            let words = "the agent says that it answers for \(zone) at \(server), and \(error)"
            return (.bad("dns", words, next: look), false)
        }
    }

    // MARK: The cluster's address

    /// The address that pods and containers have for DNS, which rules lead to the agent.
    private func clusterAddresses(_ names: NamesReply) async -> [Check] {
        let isFrozen = word.status?.table.frozen == true
        guard !names.addresses.isEmpty else {
            let hasTable = word.status?.table.flavour != "none"
            return [
                hasTable
                    ? .note(
                        "dns-address",
                        "no rule leads the cluster's own address for DNS here yet, so pods cannot ask",
                        next: "grapevine status"
                    )
                    : .skipped(
                        "dns-address",
                        "the cluster's own address for DNS: this agent writes no rules (--table none)"
                    )
            ]
        }
        var checks: [Check] = []
        for text in names.addresses {
            guard let address = IPAddress(text) else { continue }
            let check = Self.told(
                of: holder(of: text),
                await clusterAddress(address, names.zone),
                at: address
            )
            checks.append(isFrozen ? check.excused(by: "the table is frozen") : check)
        }
        return checks
    }

    /// A service that has DNS' own address: of an agent that still allowed it.
    private func holder(of address: String) -> ServiceObject? {
        word.services.first { $0.spec.clusterIPs?.contains(address) == true }
    }

    /// What is said of DNS' own address where a service has it: then rules lead to its endpoints,
    /// and not to the agent.
    static func told(of holder: ServiceObject?, _ check: Check, at address: IPAddress) -> Check {
        guard let name = holder?.metadata else { return check }
        let who =
            "\(address), which is kept for DNS, is held by service \(name.namespace)/\(name.name)"
        guard check.state == .bad else {
            return .note("dns-address", "\(who), whose endpoints know our names, too")
        }
        return .bad(
            "dns-address",
            "\(who): whoever asks there for names gets none",
            next: "take clusterIP out of its manifest and apply it again, or: grapevine delete "
                + "service \(name.name) -n \(name.namespace)"
        )
    }

    private func clusterAddress(_ address: IPAddress, _ zone: String) async -> Check {
        let place = PeerAddress(address, port: 53)
        let asked = "ns.dns.\(zone)"
        let next = "sudo grapevine table verify; grapevine dns query \(asked) --server \(place)"
        guard let name = DomainName(asked) else {
            return .skipped("dns-address", "\(zone) is no zone")
        }
        do {
            let type: RecordType = address.family == .v4 ? .a : .aaaa
            let reply = try await NameInquiry(at: place).ask(Question(name, type))
            guard reply.text.addresses.contains(address) else {
                let words = "whoever answers at \(place) does not know \(asked): pods get no names"
                return .bad("dns-address", words, next: next)
            }
            return .good("dns-address", "\(asked) resolves at \(place), which pods ask")
        } catch {
            return .bad(
                "dns-address",
                "\(asked) does not resolve at \(place): \(error)",
                next: next
            )
        }
    }

    // MARK: The system's resolver

    /// Whether it sends our zone to us.
    private func resolver(_ zone: String) async -> [Check] {
        do {
            _ = try await Resolver.resolve("ns.dns.\(zone):53")
            return [.good("resolver", "the system's resolver asks it for \(zone)")]
        } catch {
            let isWritten = FileManager.default.fileExists(atPath: dropIn)
            return [
                .note(
                    "resolver",
                    isWritten
                        ? "\(dropIn) is there, and programs here do not resolve \(zone) yet"
                        : "the system's resolver does not ask it: programs here do not know \(zone)",
                    next: isWritten
                        ? "sudo systemctl restart systemd-resolved" : "sudo grapevine dns install"
                )
            ]
        }
    }
}

extension Check {
    /// The same, where there is a reason for what is wrong that is told elsewhere.
    fileprivate func excused(by reason: String) -> Check {
        state == .bad ? .note(name, "\(words) (\(reason))", next: next) : self
    }
}
