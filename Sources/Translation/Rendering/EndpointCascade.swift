import Vocabulary

/// Chooses one of n endpoints with equal chance, by rules that each take their share of what
/// those before them left: 1/n, 1/(n-1), …, and the last takes the rest.
struct EndpointCascade {
    /// Above so many endpoints a service gets groups, so that no packet tries more rules than
    /// this at each of two or three levels.
    static let widest = 64

    let port: OfferedPort
    /// Sorted, unique.
    let endpoints: [SocketAddress]

    /// The chain of this name and those of its groups; none where there is nobody to choose.
    func chains(named name: String) -> [Chain] {
        var chains: [Chain] = []
        if !endpoints.isEmpty { write(endpoints[...], as: name, into: &chains) }
        return chains
    }

    private func write(
        _ endpoints: ArraySlice<SocketAddress>,
        as name: String,
        into chains: inout [Chain]
    ) {
        var size = 1
        while size * Self.widest < endpoints.count { size *= Self.widest }
        let groups = stride(from: endpoints.startIndex, to: endpoints.endIndex, by: size).map {
            endpoints[$0..<min($0 + size, endpoints.endIndex)]
        }
        var left = endpoints.count
        var rules: [Rule] = []
        for (index, group) in groups.enumerated() {
            let share: [Match] =
                group.count == left ? [] : [.chance(Probability(group.count, of: left))]
            if size == 1 {
                let matches = [.transport(port.transport)] + share
                rules += group.map { port.rule(matches, .dnat(to: $0)) }
            } else {
                let chain = ChainName.group(index, of: name)
                rules.append(port.rule(share, .goto(chain)))
                write(group, as: chain, into: &chains)
            }
            left -= group.count
        }
        chains.append(Chain(name, rules))
    }
}
