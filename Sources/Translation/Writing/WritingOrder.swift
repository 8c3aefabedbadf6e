/// When each changed chain of nat is written, so that at any moment each address leads where it
/// did or where it shall.
struct WritingOrder {
    /// Chains of services, first; each group, the chains of one service port, at once: a client
    /// never meets half of a change.
    let services: [[Chain]]
    /// The chains that lead to them, none before one that it leads to.
    let dispatch: [Chain]
    /// What must not change before the rest has, and then at once: services whose endpoints
    /// and whose ways to them both change, with what leads to them.
    let last: [Chain]

    init(of change: SectionChange) {
        let changed = change.changed
        let delicate = Self.delicate(change)
        let early = changed.filter { !delicate.contains($0.name) }
        let services = early.filter { ChainName.isOfService($0.name) }
        let others = early.filter { !ChainName.isOfService($0.name) }
        // What a service leads to and is no service's own must be there before it.
        let wanted = Set(services.flatMap { $0.rules.compactMap(\.destinationChain) })
        let grounds = others.filter { wanted.contains($0.name) }
        self.services = (grounds.isEmpty ? [] : [grounds]) + Self.byOwner(services)
        dispatch = Self.bottomUp(others.filter { !wanted.contains($0.name) })
        last = changed.filter { delicate.contains($0.name) }
    }

    private static func byOwner(_ chains: [Chain]) -> [[Chain]] {
        let sorted = chains.sorted {
            let owners = (ChainName.owner(of: $0.name), ChainName.owner(of: $1.name))
            return owners.0 == owners.1 ? $0.name < $1.name : owners.0 < owners.1
        }
        var groups: [[Chain]] = []
        for chain in sorted {
            if let last = groups.last?.last,
                ChainName.owner(of: last.name) == ChainName.owner(of: chain.name)
            {
                groups[groups.count - 1].append(chain)
            } else {
                groups.append([chain])
            }
        }
        return groups
    }

    private static func bottomUp(_ chains: [Chain]) -> [Chain] {
        let byName = chains.reduce(into: [String: Chain]()) { $0[$1.name] = $1 }
        var placed: Set<String> = []
        var ordered: [Chain] = []
        func place(_ chain: Chain) {
            guard placed.insert(chain.name).inserted else { return }
            for below in chain.rules.compactMap(\.destinationChain) {
                if let other = byName[below] { place(other) }
            }
            ordered.append(chain)
        }
        for chain in chains { place(chain) }
        return ordered
    }
}

extension WritingOrder {
    /// The names of chains of services in use that get other rules while the ways to them change
    /// too, and of all changed chains that lead there.
    ///
    /// Written first, as others are, they would for a moment have new endpoints on an old way.
    private static func delicate(_ change: SectionChange) -> Set<String> {
        let present = change.replaced.reduce(into: [String: Chain]()) { $0[$1.name] = $1 }
        let rewritten = change.changed.filter { chain in
            guard ChainName.isOfService(chain.name), let old = present[chain.name] else {
                return false
            }
            return old.rules.map(\.withoutComment) != chain.rules.map(\.withoutComment)
        }
        guard !rewritten.isEmpty else { return [] }
        let owners = Set(rewritten.map { ChainName.owner(of: $0.name) })
        let dispatch = change.changed.filter { !ChainName.isOfService($0.name) }
        let before = ways(to: owners, in: change.replaced)
        let after = ways(to: owners, in: dispatch)
        let moved = Set(
            rewritten.map { ChainName.owner(of: $0.name) }.filter { before[$0] != after[$0] }
        )
        guard !moved.isEmpty else { return [] }

        var names = Set(
            (change.changed + change.replaced).filter { chain in
                chain.rules.contains { $0.owner.map(moved.contains) == true }
                    || ChainName.isOfService(chain.name)
                        && moved.contains(ChainName.owner(of: chain.name))
            }.map(\.name)
        )
        // Whatever leads to one of these may need what is not there before.
        for chain in bottomUp(dispatch)
        where chain.rules.contains(where: { $0.destinationChain.map(names.contains) == true }) {
            names.insert(chain.name)
        }
        return names
    }

    /// The rules outside services that lead to these services.
    private static func ways(
        to owners: Set<Substring>,
        in chains: [Chain]
    ) -> [Substring: Set<Rule>] {
        var ways: [Substring: Set<Rule>] = [:]
        for chain in chains where !ChainName.isOfService(chain.name) {
            for rule in chain.rules {
                guard let owner = rule.owner, owners.contains(owner) else { continue }
                ways[owner, default: []].insert(rule.withoutComment)
            }
        }
        return ways
    }
}

extension Rule {
    /// What belongs to the service port that the rule leads to, if it leads to one.
    fileprivate var owner: Substring? {
        guard let name = destinationChain, ChainName.isOfService(name) else { return nil }
        return ChainName.owner(of: name)
    }

    /// What it does: a comment does nothing.
    fileprivate var withoutComment: Rule {
        Rule(matches.filter { if case .comment = $0 { false } else { true } }, target)
    }
}
