import Registry
import Vocabulary

/// One place among those that new flows are spread over.
struct WeightedPlace {
    let place: SocketAddress
    /// Above zero: its share is this among the weights of all.
    let weight: UInt64
}

/// Which of a service's endpoints this machine prefers (KEP-3015, KEP-4444).
///
/// The preferred ones are those on this machine or in its zone, the nearest of which there are
/// any; where there are none, all are alike. In Kubernetes the others then get nothing. Here
/// they can get a part all the same, so that one near endpoint does not carry everything.
struct Nearness {
    let distribution: TrafficDistribution
    /// How much of 100 new flows goes to the others: 0...99.
    let spillOver: Int
    let machine: LocalMachine

    /// The places of endpoints for a port: sorted, unique.
    func places(of endpoints: [EndpointView], for port: ServicePort) -> [WeightedPlace] {
        let near = endpoints.filter(isNear(among: endpoints))
        guard !near.isEmpty, near.count < endpoints.count else {
            return weighted(endpoints, for: port)
        }
        let close = weighted(near, for: port)
        guard spillOver > 0 else { return close }
        let isClose = Set(close.map(\.place))
        let far = weighted(endpoints, for: port).filter { !isClose.contains($0.place) }
        func scaled(_ part: [WeightedPlace], by percent: Int, of other: [WeightedPlace])
            -> [WeightedPlace]
        {
            let factor = UInt64(percent) * other.reduce(0) { $0 + $1.weight }
            return part.map { WeightedPlace(place: $0.place, weight: $0.weight * factor) }
        }
        guard !far.isEmpty else { return close }
        let all =
            scaled(close, by: 100 - spillOver, of: far) + scaled(far, by: spillOver, of: close)
        return all.sorted { $0.place < $1.place }
    }

    private func isNear(among endpoints: [EndpointView]) -> (EndpointView) -> Bool {
        func isHere(_ endpoint: EndpointView) -> Bool { endpoint.node == machine.node }
        func isInZone(_ endpoint: EndpointView) -> Bool {
            !machine.zone.isEmpty && endpoint.zone == machine.zone
        }
        switch distribution {
        case .even: return { _ in false }
        case .preferSameZone: return isInZone
        case .preferSameNode: return endpoints.contains(where: isHere) ? isHere : isInZone
        }
    }

    /// By their own weights; of several endpoints at one place the heaviest counts.
    private func weighted(_ endpoints: [EndpointView], for port: ServicePort) -> [WeightedPlace] {
        var weights: [SocketAddress: UInt64] = [:]
        for endpoint in endpoints {
            guard let number = endpoint.port(for: port) else { continue }
            let place = SocketAddress(endpoint.address, port: number)
            weights[place] = max(weights[place] ?? 1, UInt64(endpoint.weight))
        }
        return weights.map { WeightedPlace(place: $0.key, weight: $0.value) }
            .sorted { $0.place < $1.place }
    }
}
