package import Vocabulary

/// Chooses which places to claim for a service: the first of its candidates that no other
/// service claims in this node's view.
///
/// It never claims by chance what it sees taken.
package struct Claimant: Sendable {
    private let settings: ClusterSettings
    private let book: AddressBook
    private let avoided: AvoidedPlaces

    package init(
        _ settings: ClusterSettings,
        book: AddressBook,
        avoided: AvoidedPlaces = AvoidedPlaces()
    ) {
        self.settings = settings
        self.book = book
        self.avoided = avoided
    }

    /// The claims that a spec still lacks, beside those that hold already.
    ///
    /// There are fewer than asked for where a pool is exhausted, or where what is asked for lies
    /// in no range. A claim that another declarer of the service made is repeated as it is, with
    /// its stamp, so that the service keeps its place when that declarer goes.
    ///
    /// - Parameters:
    ///   - spec: What is asked for.
    ///   - service: For which service.
    ///   - held: What the declaration claims now.
    ///   - stamp: The time of new claims.
    ///   - now: Decides what is still cooling down.
    /// - Returns: The claims to add, addresses first.
    package func claimsToAdd(
        for spec: ServiceSpec,
        service: ServiceID,
        held: [Claim],
        stamp: HybridTime,
        at now: WallTime
    ) -> [Claim] {
        let allotment = book.allotment(of: service, spec: spec)
        var added: [Claim] = []
        func add(_ resource: Resource, portIndex: UInt8 = 0) {
            let isHeld = held.contains { $0.resource == resource && $0.portIndex == portIndex }
            guard !isHeld else { return }
            let inherited = book.stamp(of: service, on: resource)
            added.append(
                Claim(
                    resource,
                    portIndex: portIndex,
                    stamp: inherited.map { min($0, stamp) } ?? stamp
                )
            )
        }
        for family in spec.requiresAddress ? spec.families : [] {
            if let wanted = spec.fixedAddress(in: family) {
                #if GRAPEVINE_MUTANTS
                if Mutation.isActive(.looksBeyondRequests) {
                    if book.isTaken(.address(wanted), from: service),
                        let other = freeAddress(family, for: service, at: now)
                    {
                        add(.address(other))
                    }
                }
                #endif
                // Taken or not: a claim that loses waits in the queue.
                if mayClaim(.address(wanted), service) { add(.address(wanted)) }
            } else if let address = allotment.primary(in: family)
                ?? freeAddress(family, for: service, at: now)
            {
                // A service that has an address keeps it.
                add(.address(address))
            }
        }
        guard spec.type == .nodePort else { return added }
        for (index, port) in spec.ports.enumerated() {
            if let wanted = port.requestedNodePort {
                let resource = Resource.nodePort(port.transport, wanted)
                if mayClaim(resource, service) { add(resource, portIndex: UInt8(index)) }
                continue
            }
            let number =
                allotment.nodePorts[index]
                ?? freePort(
                    for: service,
                    index: index,
                    transport: port.transport,
                    also: added.map(\.resource) + spec.requestedNodePorts,
                    at: now
                )
            guard let number else { continue }
            add(.nodePort(port.transport, number), portIndex: UInt8(index))
        }
        return added
    }

    /// Nobody new comes into a draining range.
    private func mayClaim(_ resource: Resource, _ service: ServiceID) -> Bool {
        settings.ranges.offers(resource)
            || settings.ranges.admits(resource) && book.claims(resource, for: service)
    }

    private func standing(
        of resource: Resource,
        for service: ServiceID,
        at now: WallTime
    ) -> CandidateSequence.Standing {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.claimsWhatIsTaken) { return .free }
        #endif
        if book.isTaken(resource, from: service) { return .occupied }
        return avoided.avoids(resource, for: service, at: now) ? .avoided : .free
    }

    private func freeAddress(
        _ family: IPAddress.Family,
        for service: ServiceID,
        at now: WallTime
    ) -> IPAddress? {
        var best: (pass: CandidateSequence.Pass, address: IPAddress)?
        for (index, range) in settings.ranges.serviceRanges.enumerated()
        where range.cidr.family == family && !range.isDraining {
            let sequence = CandidateSequence(
                service: service,
                range: range.cidr,
                rangeIndex: UInt8(index),
                allocationKey: settings.allocationKey,
                reserved: settings.reservedOffsets
            )
            let found = sequence.find { offset in
                guard let address = range.cidr.address(at: offset) else { return .occupied }
                return standing(of: .address(address), for: service, at: now)
            }
            guard let found, let address = range.cidr.address(at: found.offset) else { continue }
            if best.map({ found.pass < $0.pass }) ?? true { best = (found.pass, address) }
            if found.pass == .upperBand { break }
        }
        return best?.address
    }

    private func freePort(
        for service: ServiceID,
        index: Int,
        transport: TransportProtocol,
        also spoken: [Resource],
        at now: WallTime
    ) -> UInt16? {
        let ports = settings.ranges.nodePorts
        let sequence = CandidateSequence(
            service: service,
            portIndex: UInt8(index),
            transport: transport,
            ports: ports,
            allocationKey: settings.allocationKey
        )
        let found = sequence.find { offset in
            let resource = Resource.nodePort(transport, ports.lowerBound + UInt16(offset))
            // Another port of this service may have taken it a moment ago, or ask for it.
            let isOurs = book.owner(of: resource) == service || spoken.contains(resource)
            return isOurs ? .occupied : standing(of: resource, for: service, at: now)
        }
        return found.map { ports.lowerBound + UInt16($0.offset) }
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
