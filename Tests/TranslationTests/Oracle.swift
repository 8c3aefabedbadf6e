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
        guard service.spec.internalTrafficPolicy == .local else { return delivery(all, client) }
        let near = endpoints { $0.node == Village.machine.node }
        return near.isEmpty && !all.isEmpty ? [LikelyOutcome(.dropped, 1)] : delivery(near, client)
    }

    func atNodePort(_ client: Client) -> [LikelyOutcome] {
        guard service.spec.families.contains(family) else { return [LikelyOutcome(.untouched, 1)] }
        let all = endpoints { _ in true }
        let isLocal = service.spec.externalTrafficPolicy == .local
        guard isLocal, client == .stranger else {
            let isMasqueraded = !isLocal || client == .ourselves
            return delivery(all, client, leavesMasqueraded: isMasqueraded)
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

    /// Each as often; a refusal where there are none.
    ///
    /// The client's address, if it may be replaced, is where the endpoint is not on this machine
    /// (`leavesMasqueraded`), or, where that is not said, wherever a stranger's packet goes.
    private func delivery(
        _ endpoints: [EndpointView],
        _ client: Client?,
        leavesMasqueraded: Bool? = nil
    ) -> [LikelyOutcome] {
        let places = Dictionary(
            endpoints.compactMap { endpoint in
                endpoint.port(for: port).map {
                    (SocketAddress(endpoint.address, port: $0), endpoint)
                }
            },
            uniquingKeysWith: { first, _ in first }
        )
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
                1 / Double(places.count)
            )
        }
    }
}
