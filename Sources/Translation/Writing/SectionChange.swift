/// What one table of the kernel must be told to become what is wanted.
struct SectionChange {
    let table: KernelTable
    /// The wanted chains that are missing or differ, sorted by name.
    let changed: [Chain]
    /// The names of chains that are not wanted any more, sorted.
    let removed: [String]
    /// What is there under the names of both.
    let replaced: [Chain]
    /// The hooks whose jumps to us are missing, repeated, in another order or leading elsewhere.
    let hooks: [Hook]

    var isEmpty: Bool { changed.isEmpty && replaced.isEmpty && hooks.isEmpty }

    private let current: TranslationTable.Section
    private let wanted: TranslationTable.Section

    init(
        of table: KernelTable,
        from current: TranslationTable.Section,
        to wanted: TranslationTable.Section
    ) {
        self.table = table
        self.current = current
        self.wanted = wanted
        (changed, replaced) = Self.differences(from: current.chains, to: wanted.chains)
        let kept = Set(changed.map(\.name))
        removed = replaced.map(\.name).filter { !kept.contains($0) }
        hooks = Hook.allCases.filter { current.jumps(from: $0) != wanted.jumps(from: $0) }
    }

    /// What of each is not in the other, by name and rules; both are sorted by name.
    ///
    /// Of ten thousand chains most are the same array of rules in both, which is seen at once.
    private static func differences(
        from current: [Chain],
        to wanted: [Chain]
    ) -> (changed: [Chain], replaced: [Chain]) {
        var (left, right) = (0, 0)
        var (changed, replaced): ([Chain], [Chain]) = ([], [])
        while left < current.count, right < wanted.count {
            if current[left].name == wanted[right].name {
                if current[left].rules != wanted[right].rules {
                    replaced.append(current[left])
                    changed.append(wanted[right])
                }
                left += 1
                right += 1
            } else if current[left].name < wanted[right].name {
                replaced.append(current[left])
                left += 1
            } else {
                changed.append(wanted[right])
                right += 1
            }
        }
        return (changed + wanted[right...], replaced + current[left...])
    }

    /// Writes these chains anew and, if asked to, the jumps that differ; empty where there is
    /// nothing to write.
    func text(writing chains: [Chain], jumps: Bool = false) -> String {
        // iptables-nft is twice as fast where chains come sorted.
        let chains = chains.sorted { $0.name < $1.name }
        var lines = ""
        for chain in chains { lines += ":" + chain.name + " - [0:0]\n" }
        for chain in chains {
            for rule in chain.rules { lines += "-A " + chain.name + " " + rule.text + "\n" }
        }
        if jumps { for line in hooks.flatMap(jumpLines) { lines += line + "\n" } }
        return block(lines)
    }

    /// Deletes what is not wanted any more, each chain emptied first; empty where there is none.
    var removalText: String {
        block(
            removed.map { ":\($0) - [0:0]\n" }.joined() + removed.map { "-X \($0)\n" }.joined()
        )
    }

    /// All our jumps of a hook at once, so that also their order is as wanted.
    ///
    /// They stand before foreign rules: a firewall's last rule may be to refuse everything.
    private func jumpLines(of hook: Hook) -> [String] {
        current.jumps(from: hook).map { "-D \(hook.rawValue) \($0.rule.text)" }
            + wanted.jumps(from: hook).enumerated().map { index, jump in
                "-I \(hook.rawValue) \(index + 1) \(jump.rule.text)"
            }
    }

    private func block(_ lines: String) -> String {
        lines.isEmpty ? "" : "*" + table.rawValue + "\n" + lines + "COMMIT\n"
    }
}
