package import Vocabulary

/// Chooses which places to claim for a service: the first of its candidates that no other
/// service holds in this node's view.
///
/// It never claims what it sees taken.
package struct Claimant: Sendable {
    private let settings: ClusterSettings

    package init(_ settings: ClusterSettings) { self.settings = settings }

    /// The claims that a spec still lacks, beside those that hold already.
    ///
    /// `held` is what the declaration claims now, and `stamp` the time of new claims. There are
    /// fewer than asked for where a pool is exhausted.
    package func claimsToAdd(
        for spec: ServiceSpec,
        service: ServiceID,
        held: [Claim],
        book: AddressBook,
        stamp: HybridTime
    ) -> [Claim] {
        let allotment = book.allotment(of: service, spec: spec)
        var added: [Claim] = []
        func add(_ claim: Claim) {
            let isHeld = held.contains {
                $0.resource == claim.resource && $0.portIndex == claim.portIndex
            }
            if !isHeld { added.append(claim) }
        }
        switch spec.addressRequest {
        case .headless: break
        case .fixed(let wanted): add(Claim(.address(wanted), stamp: stamp))
        case .any:
            // A service that has an address keeps it: a further declarer claims the same one.
            let address = allotment.primary ?? freeAddress(for: service, book: book)
            if let address { add(Claim(.address(address), stamp: stamp)) }
        }
        guard spec.type == .nodePort else { return added }
        for (index, port) in spec.ports.enumerated() {
            let number =
                port.requestedNodePort ?? allotment.nodePorts[index]
                ?? freePort(
                    for: service,
                    index: index,
                    transport: port.transport,
                    book: book,
                    also: added.map(\.resource) + spec.requestedNodePorts
                )
            guard let number else { continue }
            add(Claim(.nodePort(port.transport, number), portIndex: UInt8(index), stamp: stamp))
        }
        return added
    }

    private func freeAddress(for service: ServiceID, book: AddressBook) -> IPAddress? {
        let range = settings.ranges.serviceCIDR
        let sequence = CandidateSequence(
            service: service,
            range: range,
            allocationKey: settings.allocationKey,
            reserved: settings.reservedOffsets
        )
        let offset = sequence.firstOffset { offset in
            guard let address = range.address(at: offset) else { return .occupied }
            return book.isTaken(.address(address), from: service) ? .occupied : .free
        }
        return offset.flatMap(range.address(at:))
    }

    private func freePort(
        for service: ServiceID,
        index: Int,
        transport: TransportProtocol,
        book: AddressBook,
        also spoken: [Resource]
    ) -> UInt16? {
        let ports = settings.ranges.nodePorts
        let sequence = CandidateSequence(
            service: service,
            portIndex: UInt8(index),
            transport: transport,
            ports: ports,
            allocationKey: settings.allocationKey
        )
        let offset = sequence.firstOffset { offset in
            let resource = Resource.nodePort(transport, ports.lowerBound + UInt16(offset))
            let isOwn = book.owner(of: resource) == service
            let isTaken = book.isTaken(resource, from: service)
            // Another port of this service may have taken it a moment ago, or ask for it.
            return isOwn || isTaken || spoken.contains(resource) ? .occupied : .free
        }
        return offset.map { ports.lowerBound + UInt16($0) }
    }
}

extension ServiceSpec {
    /// The NodePorts asked for by number.
    var requestedNodePorts: [Resource] {
        ports.compactMap { port in
            port.requestedNodePort.map { Resource.nodePort(port.transport, $0) }
        }
    }
}
