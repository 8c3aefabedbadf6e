import ControlAPI
import Host
import Translation
import Vocabulary

extension TableShift {
    /// Puts on the board how it stands.
    func tell() {
        health.follow(works.flatMap { work in work.healthChecks.map { (work.family, $0) } })
        health.set(standing)
        var all = findings + nodePorts.findings + health.findings + mixed
        for (family, words) in failures.sorted(by: { $0.key < $1.key }) {
            all.append(HostFinding("GV2023", .trouble, "\(family): \(words)"))
        }
        for work in works {
            for standing in work.quarantine.all {
                all.append(HostFinding("GV2022", .trouble, standing.words))
            }
            for refusal in work.refusals { all.append(HostFinding("GV2020", .trouble, refusal)) }
            if let first = work.foreign.first {
                let more = work.foreign.count > 1 ? " (and \(work.foreign.count - 1) more)" : ""
                all.append(
                    HostFinding(
                        "GV2024",
                        .trouble,
                        "a rule of others stands before ours and may take packets for services "
                            + "away: \(first)\(more). To see all: grapevine table verify"
                    )
                )
            }
            if work.forwardDrops {
                all.append(
                    HostFinding(
                        "GV2012",
                        .note,
                        "\(work.family): FORWARD drops by policy. The rules let flows to services "
                            + "through, and nothing else: what pods say to each other directly is "
                            + "for whoever set the policy"
                    )
                )
            }
        }
        if isSuspended {
            all.append(
                HostFinding(
                    "GV2028",
                    .trouble,
                    "the rules were removed by `grapevine table cleanup`: restart the agent to have "
                        + "them again"
                )
            )
        }
        if isFrozen {
            all.append(
                HostFinding(
                    "GV2025",
                    .trouble,
                    "FROZEN: this agent writes no rule and repairs none, whatever changes. "
                        + "sudo grapevine unfreeze"
                )
            )
        }
        board.setFindings(all.sorted(), journal: journal)
        board.setConnections(works.map(\.counts))
        let rules = works.reduce(0) { $0 + (present($1)?.ruleCount ?? 0) }
        journal.gauge(.rules, to: Double(rules))
        journal.gauge(.frozen, to: isFrozen ? 1 : 0)
        let quarantined = works.flatMap { $0.quarantine.all.map(\.service.description) }
        journal.gauge(.quarantined, to: Double(quarantined.count))
        let refusal = all.first { $0.weight == .refusal }?.words
        let error = refusal ?? failures.sorted { $0.key < $1.key }.first?.value
        let table = StatusReply.Table(
            programmed: !isSuspended && error == nil && stands,
            generation: generation,
            flavour: flavour.rawValue,
            chains: works.reduce(0) { $0 + (present($1)?.chainCount ?? 0) },
            rules: rules,
            lastError: error ?? (isSuspended ? "the rules were removed" : nil),
            frozen: isFrozen,
            quarantined: Set(quarantined).sorted(),
            notes: all.filter { $0.weight == .note }.map { "\($0.code) \($0.words)" }
        )
        board.setTable(table, for: written)
    }
}

extension Quarantine.Case {
    var words: String {
        "\(service) is left out, for iptables refuses its rules: \(complaint). It is tried again "
            + "when it changes; all other services have their rules"
    }
}

extension HostFinding {
    init(_ mixed: Iptables.MixedRules) { self.init("GV2010", .trouble, mixed.description) }
}
