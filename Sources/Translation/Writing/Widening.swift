/// What filter turns away, or lets through, must be so while nat changes beside it: the kernel
/// changes one table after the other.
///
/// Services alone do not change filter, but for health checks. The ranges do: a service address in a
/// new range would for a moment leave the machine unanswered, and one in a range that goes would be
/// dropped by FORWARD while nat still translates it.
struct Widening {
    /// Written before nat: chains that are there and get new rules, with the old ones that are to
    /// go behind them.
    let before: [Chain]
    /// Written after nat: all that is not as it is to be by then.
    let after: [Chain]

    init(_ change: SectionChange, from current: TranslationTable.Section) {
        let present = current.chains.reduce(into: [String: Chain]()) { $0[$1.name] = $1 }
        var before: [Chain] = []
        var after: [Chain] = []
        for chain in change.changed {
            guard let old = present[chain.name] else {
                after.append(chain)
                continue
            }
            let (kept, wanted) = (Set(old.rules), Set(chain.rules))
            let leavers = old.rules.filter { !wanted.contains($0) }
            let hasNew = chain.rules.contains { !kept.contains($0) }
            // A chain that is not there yet cannot be led to.
            let canBeWritten = chain.rules.allSatisfy { rule in
                rule.destinationChain.map { present[$0] != nil || !ChainName.isOurs($0) } ?? true
            }
            if hasNew, canBeWritten { before.append(Chain(chain.name, chain.rules + leavers)) }
            if !leavers.isEmpty || !hasNew || !canBeWritten { after.append(chain) }
        }
        self.before = before
        self.after = after
    }
}
