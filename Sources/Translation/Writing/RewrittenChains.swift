extension TranslationTable {
    /// The chains of service ports that the way from what the kernel has to this table writes anew,
    /// sorted.
    ///
    /// - Returns: `present` are in the kernel already, and their counters begin at 0 then; `ports`
    ///   are the service ports that these and the new ones belong to, by `ChainName.portKey`.
    package func rewrittenServices(
        from current: TranslationTable
    ) -> (present: [String], ports: [String]) {
        let names = SectionChange(of: .nat, from: current.nat, to: nat).changed.map(\.name)
            .filter { ChainName.portKey(of: $0) != nil }
        let there = Set(current.nat.chains.map(\.name))
        return (names.filter(there.contains), Self.ports(names))
    }

    /// All service ports that have chains, by `ChainName.portKey`, sorted.
    package var ports: [String] { Self.ports(nat.chains.map(\.name)) }

    private static func ports(_ names: [String]) -> [String] {
        Set(names.compactMap(ChainName.portKey)).sorted()
    }
}
