extension TranslationTable {
    /// The chains of service ports that the way from what the kernel has to this table writes
    /// anew, sorted: their counters begin at 0 then.
    ///
    /// - Returns: `present` are in the kernel already; `all` are those and the new ones.
    package func rewrittenServices(
        from current: TranslationTable
    ) -> (present: [String], all: [String]) {
        let change = SectionChange(of: .nat, from: current.nat, to: nat)
        let names = change.changed.map(\.name).filter { $0.hasPrefix(ChainName.servicePrefix) }
        let there = Set(current.nat.chains.map(\.name))
        func owners(_ names: [String]) -> [String] {
            Set(names.map { String(ChainName.owner(of: $0)) }).sorted()
        }
        return (owners(names.filter(there.contains)), owners(names))
    }

    /// The chains of all service ports, sorted.
    package var serviceChains: [String] {
        let names = nat.chains.map(\.name).filter { $0.hasPrefix(ChainName.servicePrefix) }
        return Set(names.map { String(ChainName.owner(of: $0)) }).sorted()
    }
}
