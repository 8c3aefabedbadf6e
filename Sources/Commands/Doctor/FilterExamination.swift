import ControlAPI
import Host
import Vocabulary

/// The packet filter of this machine: which iptables, and who else filters.
struct FilterExamination: Sendable {
    let word: AgentWord

    func checks() async -> [Check] { await iptables() + firewalls() }

    private func iptables() async -> [Check] {
        let missing = Host.Program.missing()
        guard missing.isEmpty else {
            let names = missing.map(\.name).joined(separator: ", ")
            let packages = Set(missing.map(\.debianPackage)).sorted().joined(separator: " ")
            return [
                .bad(
                    "iptables",
                    "GV2011 not installed: \(names)",
                    next: "sudo apt install \(packages)"
                )
            ]
        }
        do {
            let found = try await Iptables().detect()
            let name =
                "iptables \(found.version) (\(found.flavour == .nft ? "nf_tables" : "legacy"))"
            if let mixed = found.warning {
                let words = "GV2010 \(mixed)"
                return [
                    mixed.forServices > 0
                        ? .bad("iptables", words, next: "sudo grapevine table cleanup")
                        : .note(
                            "iptables",
                            words,
                            next: "sudo iptables-\(mixed.flavour.rawValue)-save"
                        )
                ]
            }
            let other = "no rules in iptables-\(found.flavour.other.rawValue)"
            guard Privilege.canAdministerNetwork else {
                return [
                    .skipped(
                        "iptables",
                        "\(name); its rules are for root",
                        next: "sudo grapevine doctor"
                    )
                ]
            }
            return [.good("iptables", "\(name), \(other)")]
        } catch {
            return [.bad("iptables", "\(error)", next: "sudo iptables -S")]
        }
    }

    /// Who else filters: the policy of FORWARD, ufw, firewalld.
    private func firewalls() async -> [Check] {
        guard Privilege.canAdministerNetwork, Host.Program.missing().isEmpty else {
            return [
                .skipped("firewall", "the packet filter is for root", next: "sudo grapevine doctor")
            ]
        }
        guard let text = try? await Iptables().save(table: "filter") else {
            return [
                .skipped("firewall", "the filter rules could not be read", next: "sudo iptables -S")
            ]
        }
        let lines = text.split(separator: "\n")
        var checks: [Check] = []
        if lines.contains(where: { $0.hasPrefix(":FORWARD DROP") }) {
            checks.append(
                .note(
                    "forward-policy",
                    "GV2012 FORWARD drops by policy: flows to services pass by our rules, pods "
                        + "that talk directly need a rule of whoever set it (Docker, a firewall)",
                    next: "sudo iptables -S FORWARD"
                )
            )
        } else {
            checks.append(.good("forward-policy", "FORWARD accepts by policy"))
        }
        let port = word.status.flatMap { PeerAddress($0.address)?.port } ?? 7747
        let closes = lines.contains { $0.hasPrefix(":INPUT DROP") }
        if lines.contains(where: { $0.hasPrefix(":ufw-user-input") }) {
            let isOpen = lines.contains {
                $0.hasPrefix("-A ufw-user-input") && $0.contains("dport \(port)")
            }
            checks.append(
                isOpen
                    ? .good("firewall", "ufw lets UDP \(port) in")
                    : .note(
                        "firewall",
                        "ufw is here and has no rule for UDP \(port): others may not reach this agent",
                        next: "sudo ufw status; sudo ufw allow \(port)/udp"
                    )
            )
        } else if await hasFirewalld() {
            checks.append(
                .note(
                    "firewall",
                    "firewalld is here: it must let UDP \(port) in",
                    next:
                        "sudo firewall-cmd --list-ports; sudo firewall-cmd --permanent --add-port=\(port)/udp"
                )
            )
        } else if closes {
            let isOpen = lines.contains { $0.hasPrefix("-A INPUT") && $0.contains("dport \(port)") }
            checks.append(
                isOpen
                    ? .good("firewall", "INPUT drops by policy and has a rule for port \(port)")
                    : .note(
                        "firewall",
                        "INPUT drops by policy, and no rule names UDP \(port): others may not reach "
                            + "this agent",
                        next: "sudo iptables -S INPUT"
                    )
            )
        } else {
            checks.append(.good("firewall", "no ufw, no firewalld, INPUT accepts by policy"))
        }
        return checks
    }

    private func hasFirewalld() async -> Bool {
        guard let tables = try? await Host.Program("nft").run(["list", "tables"]) else {
            return false
        }
        return tables.text.split(separator: "\n").contains { $0.hasSuffix(" firewalld") }
    }
}
