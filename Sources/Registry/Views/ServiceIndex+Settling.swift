import Vocabulary

/// What follows from the services that changed: first all claims, then all views.
extension ServiceIndex {
    /// Counts everything dirty anew.
    mutating func settle(remembersVacated: Bool, at now: WallTime) {
        var touched = dirty
        let seals = seals
        for service in dirty.sorted() {
            let change = claim(service, seals, at: now)
            touched.formUnion(change.touched)
            guard remembersVacated else { continue }
            for resource in change.vacated { avoided.note(resource, of: service, at: now) }
        }
        if reviewsContests, let seals { touched.formUnion(book.reviewContests(seals)) }
        reviewsContests = false
        dirty = []
        for service in touched.sorted() { derive(service, seals, at: now) }
    }

    private var seals: SealJudge? {
        guard let quorum = settings?.sealQuorum, quorum > 0 else { return nil }
        return SealJudge(quorum: quorum, cluster: cluster, witnesses: witnesses)
    }

    /// Puts the claims of a service into the book.
    private mutating func claim(
        _ service: ServiceID,
        _ seals: SealJudge?,
        at now: WallTime
    ) -> AddressBook.Change {
        guard let entry = entries[service] else { return book.set(service, to: []) }
        let counting = counting(entry)
        noteSpecs(of: service, counting, at: now)
        let awake = holds(of: counting)
        let asleep = holds(of: entry.declarations.filter { isInForce($0, entry) && isAsleep($0) })
            .map(\.claim.resource).sorted().uniqued
        if asleep != entry.sleeping {
            avoided.setSleeping(service, from: entry.sleeping, to: asleep)
            entries[service]?.sleeping = asleep
        }
        return book.set(service, to: awake, seals: seals)
    }

    /// The claims that lie in the cluster's ranges; others count for nothing.
    private func holds(of declarations: [Declared]) -> [AddressBook.Hold] {
        guard let ranges = settings?.ranges else { return [] }
        return declarations.flatMap { declared in
            declared.declaration.claims.filter { ranges.admits($0.resource) }
                .map { AddressBook.Hold($0, in: declared.slot) }
        }
    }

    /// Remembers when a stamp that is ahead of its time comes into force.
    private mutating func noteSpecs(
        of service: ServiceID,
        _ counting: [Declared],
        at now: WallTime
    ) {
        specsDue[service] = nil
        guard counting.count > 1 else { return }
        for wish in counting {
            let stamp = wish.declaration.specStamp.milliseconds
            let due = stamp > Self.patience ? stamp - Self.patience : 0
            if due > now.milliseconds {
                specsDue[service] = min(specsDue[service] ?? .max, due)
            } else {
                specsFrom = max(specsFrom, WallTime(milliseconds: due))
            }
        }
    }

    // MARK: Views

    private mutating func derive(_ service: ServiceID, _ seals: SealJudge?, at now: WallTime) {
        guard let entry = entries[service] else { return }
        let before = entry.view
        let after = makeView(service, entry, seals, at: now)
        noteChanges(service, from: before, to: after)
        if before != after {
            entries[service]?.view = after
            board.set(service, to: after)
            list(after, inPlaceOf: before)
        }
        if entries[service]?.isEmpty == true { entries[service] = nil }
    }

    private mutating func list(_ view: ServiceView?, inPlaceOf before: ServiceView?) {
        guard let name = (view ?? before)?.name else { return }
        let place = services.partitioningIndex { !($0.name < name) }
        switch (view, before) {
        case (let view?, nil): services.insert(view, at: place)
        case (let view?, _?): services[place] = view
        case (nil, _): services.remove(at: place)
        }
    }

    private func makeView(
        _ service: ServiceID,
        _ entry: ServiceEntry,
        _ seals: SealJudge?,
        at now: WallTime
    ) -> ServiceView? {
        let counting = counting(entry)
        guard let settings, let winner = Self.winner(among: counting, at: now) else { return nil }
        let spec = winner.spec
        let allotment = book.allotment(of: service, spec: spec, seals: seals)
        let losers = counting.filter { $0.declaration.spec != spec }.map(\.author)
        var troubles = addressTroubles(service, spec, allotment, settings.ranges)
        troubles += nodePortTroubles(service, spec, allotment)
        if !losers.isEmpty { troubles.append(.specConflict(with: losers.sorted().uniqued)) }
        return ServiceView(
            name: winner.service,
            id: service,
            spec: spec,
            clusterIPs: allotment.primaries,
            aliases: allotment.aliases,
            nodePorts: allotment.nodePorts,
            endpoints: endpoints(of: entry),
            declaredBy: counting.map(\.author).sorted().uniqued,
            troubles: troubles
        )
    }

    /// Sets of several records are a union: an endpoint in two of them is there once.
    private func endpoints(of entry: ServiceEntry) -> [EndpointView] {
        var all: [EndpointView] = []
        for offered in entry.offers {
            let standing = standings[offered.slot.author] ?? .working
            guard standing != .gone else { continue }
            for part in offered.entries {
                for endpoint in part.endpoints {
                    all.append(
                        EndpointView(
                            node: offered.slot.author,
                            address: endpoint.address,
                            ports: part.ports,
                            conditions: endpoint.conditions,
                            hostname: endpoint.hostname,
                            weight: endpoint.weight,
                            zone: endpoint.zone,
                            isSuspect: standing == .suspect
                        )
                    )
                }
            }
        }
        return all.sorted().reduce(into: []) { kept, endpoint in
            if kept.last != endpoint { kept.append(endpoint) }
        }
    }

    // MARK: Troubles

    private func addressTroubles(
        _ service: ServiceID,
        _ spec: ServiceSpec,
        _ allotment: AddressBook.Allotment,
        _ ranges: AddressRanges
    ) -> [ServiceTrouble] {
        guard spec.requiresAddress else { return [] }
        return spec.families.compactMap { family -> ServiceTrouble? in
            let primary = allotment.primary(in: family)
            if let wanted = spec.fixedAddress(in: family) {
                if primary == wanted { return nil }
                let resource = Resource.address(wanted)
                if book.isTaken(resource, from: service), book.claims(resource, for: service) {
                    return .addressConflict(wanted, with: book.owner(of: resource).flatMap(name))
                }
                return ranges.offers(resource)
                    ? .addressPending(family) : .addressOutsideRange(wanted)
            }
            guard primary == nil else { return nil }
            guard !ranges.serviceRanges(of: family).isEmpty else {
                // The second one of two may be merely preferred.
                let isAsked = family == spec.families[0] || spec.ipFamilyPolicy == .requireDualStack
                return isAsked ? .familyMissing(family) : nil
            }
            let isClaimed = book.lost(by: service).contains { claim in
                if case .address(let address) = claim.resource {
                    address.family == family
                } else {
                    false
                }
            }
            return isClaimed ? .addressPending(family) : .noAddress(family)
        }
    }

    private func nodePortTroubles(
        _ service: ServiceID,
        _ spec: ServiceSpec,
        _ allotment: AddressBook.Allotment
    ) -> [ServiceTrouble] {
        guard spec.type == .nodePort else { return [] }
        return zip(spec.ports, allotment.nodePorts).compactMap { port, given in
            guard given == nil else { return nil }
            if let wanted = port.requestedNodePort {
                let resource = Resource.nodePort(port.transport, wanted)
                if book.isTaken(resource, from: service), book.claims(resource, for: service) {
                    let owner = book.owner(of: resource).flatMap(name)
                    return .nodePortConflict(port.transport, wanted, with: owner)
                }
            }
            return .nodePortPending(port.transport, port: port.port)
        }
    }

    // MARK: Changes

    private mutating func noteChanges(
        _ service: ServiceID,
        from before: ServiceView?,
        to after: ServiceView?
    ) {
        guard let name = (after ?? before)?.name else { return }
        for family in IPAddress.Family.allCases {
            let old = before?.clusterIP(in: family)
            let new = after?.clusterIP(in: family)
            guard old != new else { continue }
            var reason = AddressChange.Reason.serviceGone
            if let spec = after?.spec, let ranges = settings?.ranges {
                reason = book.reason(
                    for: service,
                    in: family,
                    from: old,
                    to: new,
                    spec: spec,
                    ranges: ranges,
                    name: self.name
                )
            }
            changes.append(
                AddressChange(service: name, family: family, from: old, to: new, reason: reason)
            )
        }
    }
}
