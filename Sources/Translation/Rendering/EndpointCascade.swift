import Vocabulary

/// Chooses one of n endpoints by weight, by rules that each take their share of what those
/// before them left: w₁/(w₁+…+wₙ), w₂/(w₂+…+wₙ), …, and the last takes the rest.
struct EndpointCascade {
    /// Above so many endpoints a service gets groups, so that no packet tries more rules than
    /// this at each of two or three levels.
    static let widest = 64

    let port: OfferedPort
    /// Sorted, unique.
    let endpoints: [WeightedPlace]

    /// The chain of this name and those of its groups; none where there is nobody to choose.
    ///
    /// Where clients stay with their endpoint, the chain first asks each endpoint whether it
    /// remembers the client: one rule an endpoint, for the kernel has no map of sets.
    func chains(named name: String) -> [Chain] {
        guard !endpoints.isEmpty else { return [] }
        var chains: [Chain] = []
        var rules = endpoints.compactMap { endpoint in
            port.clients(of: endpoint.place).map { clients in
                port.rule([.set(clients.set)], .goto(clients.chain))
            }
        }
        rules += choice(endpoints[...], within: name, into: &chains)
        return chains + [Chain(name, rules)]
    }

    private func choice(
        _ endpoints: ArraySlice<WeightedPlace>,
        within name: String,
        into chains: inout [Chain]
    ) -> [Rule] {
        var size = 1
        while size * Self.widest < endpoints.count { size *= Self.widest }
        let starts = Array(stride(from: endpoints.startIndex, to: endpoints.endIndex, by: size))
        var left = endpoints.reduce(0) { $0 + $1.weight }
        var rules: [Rule] = []
        for (index, start) in starts.enumerated() {
            let group = endpoints[start..<min(start + size, endpoints.endIndex)]
            let weight = group.reduce(0) { $0 + $1.weight }
            let share: [Match] =
                index == starts.count - 1 ? [] : [.chance(Probability(weight, of: left))]
            left -= weight
            guard size > 1 else {
                rules += group.map { taking($0.place, share) }
                continue
            }
            let chain = ChainName.group(index, of: name)
            rules.append(port.rule(share, .goto(chain)))
            chains.append(Chain(chain, choice(group, within: chain, into: &chains)))
        }
        return rules
    }

    private func taking(_ place: SocketAddress, _ share: [Match]) -> Rule {
        guard let clients = port.clients(of: place) else {
            return port.rule([.transport(port.transport)] + share, .dnat(to: place))
        }
        return port.rule(share, .goto(clients.chain))
    }
}
