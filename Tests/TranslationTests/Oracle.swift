import Registry
import Translation
import Vocabulary

/// What the design says happens to a packet, read from a view alone: no chain, no rule.
struct Oracle {
    let service: ServiceView
    let port: ServicePort
    let family: IPAddress.Family

    /// Who sends the packet.
    enum Client: CaseIterable {
        case podHere, stranger, ourselves

        func address(_ family: IPAddress.Family) -> IPAddress {
            let isV4 = family == .v4
            return switch self {
            case .podHere: isV4 ? Village.podHere : Village.address("fd00:1:1::c8")
            case .stranger: isV4 ? Village.stranger : Village.address("2001:db8::7")
            case .ourselves: isV4 ? Village.ownAddresses[0] : Village.address("fd00::1")
            }
        }
    }

    func atClusterIP(_ client: Client) -> [LikelyOutcome] {
        let all = endpoints { _ in true }
        guard service.spec.internalTrafficPolicy == .local else {
            return delivery(all, client, prefers: true)
        }
        let near = endpoints { $0.node == Village.machine.node }
        return near.isEmpty && !all.isEmpty ? [LikelyOutcome(.dropped, 1)] : delivery(near, client)
    }

    func atNodePort(_ client: Client) -> [LikelyOutcome] {
        guard service.spec.families.contains(family) else { return [LikelyOutcome(.untouched, 1)] }
        let all = endpoints { _ in true }
        let isLocal = service.spec.externalTrafficPolicy == .local
        guard isLocal, client == .stranger else {
            let isMasqueraded = !isLocal || client == .ourselves
            return delivery(all, client, prefers: true, leavesMasqueraded: isMasqueraded)
        }
        let near = endpoints { $0.node == Village.machine.node }
        return near.isEmpty && !all.isEmpty ? [LikelyOutcome(.dropped, 1)] : delivery(near, nil)
    }

    /// The best of some of the service's endpoints.
    private func endpoints(_ isMeant: (EndpointView) -> Bool) -> [EndpointView] {
        let meant = service.endpoints.filter {
            isMeant($0) && $0.address.family == family && $0.port(for: port) != nil
        }
        func grade(_ endpoint: EndpointView) -> Int? {
            let suspicion = endpoint.isSuspect ? 1 : 0
            if service.spec.publishNotReadyAddresses || endpoint.conditions.contains(.ready) {
                return suspicion
            }
            guard endpoint.conditions.contains(.serving) else { return nil }
            return endpoint.conditions.contains(.terminating) ? 2 + suspicion : nil
        }
        let best = meant.compactMap(grade).min()
        return meant.filter { grade($0) == best && best != nil }
    }

    /// Each as often as its weight says; a refusal where there are none.
    ///
    /// The client's address, if it may be replaced, is where the endpoint is not on this machine
    /// (`leavesMasqueraded`), or, where that is not said, wherever a stranger's packet goes.
    private func delivery(
        _ endpoints: [EndpointView],
        _ client: Client?,
        prefers: Bool = false,
        leavesMasqueraded: Bool? = nil
    ) -> [LikelyOutcome] {
        let shares = shares(of: endpoints, prefers: prefers)
        let places = Dictionary(
            endpoints.compactMap { endpoint in
                place(of: endpoint).map { ($0, endpoint) }
            },
            uniquingKeysWith: { first, _ in first }
        ).filter { (shares[$0.key] ?? 0) > 0 }
        guard !places.isEmpty else {
            let refusal = port.transport == .tcp ? .tcpReset : Rejection.unreachable(family)
            return [LikelyOutcome(.rejected(refusal), 1)]
        }
        return places.sorted { $0.key < $1.key }.map { place, endpoint in
            let isHere = endpoint.node == Village.machine.node
            let isMasqueraded =
                leavesMasqueraded.map { $0 && !isHere } ?? (client == .stranger)
            return LikelyOutcome(
                .delivered(place, masqueraded: isMasqueraded),
                shares[place] ?? 0
            )
        }
    }

    private func place(of endpoint: EndpointView) -> SocketAddress? {
        endpoint.port(for: port).map { SocketAddress(endpoint.address, port: $0) }
    }

    /// What part of new flows each place gets: together 1.
    private func shares(of endpoints: [EndpointView], prefers: Bool) -> [SocketAddress: Double] {
        func even(_ part: [EndpointView]) -> [SocketAddress: Double] {
            let weights = Dictionary(
                part.compactMap { endpoint in
                    place(of: endpoint).map { ($0, Double(endpoint.weight)) }
                },
                uniquingKeysWith: max
            )
            let sum = weights.values.reduce(0, +)
            return weights.mapValues { $0 / sum }
        }
        let here = endpoints.filter { $0.node == Village.machine.node }
        let inZone = endpoints.filter { $0.zone == Village.machine.zone }
        let levels: [[EndpointView]] =
            switch service.spec.trafficDistribution {
            case .even: []
            case .preferSameZone: [inZone]
            case .preferSameNode: [here, inZone]
            }
        guard prefers, let near = levels.first(where: { !$0.isEmpty }) else {
            return even(endpoints)
        }
        let far = endpoints.filter { !near.contains($0) }
        guard !far.isEmpty else { return even(near) }
        let part = Double(service.spec.spillOver) / 100
        return even(near).mapValues { $0 * (1 - part) }
            .merging(even(far).mapValues { $0 * part }) { $0 + $1 }
    }
}
