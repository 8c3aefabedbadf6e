/// One way in which the kernel's rules are not those that are wanted.
package enum Drift: Hashable, Sendable, CustomStringConvertible {
    case missing(KernelTable, chain: String)
    /// The fingerprints of what is wanted and of what is there.
    case differs(KernelTable, chain: String, wanted: UInt64, found: UInt64)
    case unwanted(KernelTable, chain: String)
    /// The jumps from a built-in chain to ours are missing, repeated or in another order.
    case jumps(KernelTable, Hook)

    package var description: String {
        switch self {
        case .missing(let table, let chain):
            "chain \(chain) is missing in \(table.rawValue)"
        case .differs(let table, let chain, let wanted, let found):
            "chain \(chain) differs in \(table.rawValue): "
                + "\(String(found, radix: 16)), not \(String(wanted, radix: 16))"
        case .unwanted(let table, let chain):
            "chain \(chain) is not wanted in \(table.rawValue)"
        case .jumps(let table, let hook):
            "the jumps from \(hook.rawValue) differ in \(table.rawValue)"
        }
    }
}

extension TranslationTable {
    /// Everything in which the kernel's table differs from this one, sorted by table and chain;
    /// none where they are equal.
    package func drift(in found: TranslationTable) -> [Drift] {
        KernelTable.allCases.flatMap { table in
            let change = SectionChange(of: table, from: found[table], to: self[table])
            let present = found[table].chains.reduce(into: [String: Chain]()) { $0[$1.name] = $1 }
            let wrong = change.changed.map { chain in
                guard let other = present[chain.name] else {
                    return Drift.missing(table, chain: chain.name)
                }
                return Drift.differs(
                    table,
                    chain: chain.name,
                    wanted: chain.fingerprint,
                    found: other.fingerprint
                )
            }
            return wrong + change.removed.map { Drift.unwanted(table, chain: $0) }
                + change.hooks.map { Drift.jumps(table, $0) }
        }
    }
}
