import Registry
import Vocabulary

/// What people and files on this machine ask for.
extension GossipNode {
    mutating func carryOut(
        _ command: Command,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        guard clock.isSet else { return .refused(.notReady) }
        // What ends a revocation, or brings the settings, is let in before them.
        if case .load(let document) = command { return load(document, at: now, into: &effects) }
        // And to ask is always allowed.
        if case .explain(let node) = command { return explain(node) }
        if let revocation {
            let refusal = Outcome.refused(.revoked(revocation.reason))
            guard case .together(let commands) = command else { return refusal }
            return .together(commands.map { _ in refusal })
        }
        guard farewell == nil else { return .refused(.leaving) }
        guard maySign, store.settings != nil else { return .refused(.notReady) }
        switch command {
        case .declare(let name, let spec, let takeOwnership):
            return declare(name, spec, takeOwnership, at: now, into: &effects)
        case .withdraw(let name):
            return withdraw(name, at: now, into: &effects)
        case .offer(let set):
            return offer(set, at: now, into: &effects)
        case .retire(let name, let slice):
            return retire(name, slice, at: now, into: &effects)
        case .together(let commands):
            return carryOut(all: commands, at: now, into: &effects)
        case .load(let document):
            return load(document, at: now, into: &effects)
        case .explain(let node):
            return explain(node)
        case .confirm, .leave:
            // Their answers take time, so they never stand among others.
            return .refused(.notReady)
        }
    }

    /// Tries all commands on a copy of this node, which is a value: only where none is refused
    /// the copy takes its place.
    ///
    /// What a dropped copy signed was never seen by anybody.
    private mutating func carryOut(
        all commands: [Command],
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        var trial = self
        var wanted = Effects()
        trial.isBatch = true
        var outcomes = commands.map { trial.carryOut($0, at: now, into: &wanted) }
        trial.isBatch = false
        let isRefused = outcomes.contains { if case .refused = $0 { true } else { false } }
        guard !isRefused else { return .together(outcomes) }
        self = trial
        // One view and one write to disk for all of them.
        effects.append(.persist(wanted.durable))
        for effect in wanted.list {
            if case .persist = effect { continue }
            effects.append(effect)
        }
        publishView(at: now, into: &effects)
        for (index, outcome) in outcomes.enumerated() {
            guard case .declared(let change, let view) = outcome,
                let seen = publication?.view[view.name]
            else {
                continue
            }
            outcomes[index] = .declared(change: change, seen)
        }
        return .together(outcomes)
    }

    // MARK: Services

    private mutating func declare(
        _ name: ServiceName,
        _ spec: ServiceSpec,
        _ takeOwnership: Bool,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        let service = ServiceID(of: name, in: identity.anchor.cluster)
        refreshIndex(at: now)
        if let refusal = refusal(of: name, spec, service) { return .refused(refusal) }
        let held = estate[name]
        // A copy of another's wish is no wish of ours, but its slot will do.
        let before = held?.declaration.adoptedFrom == nil ? held : nil
        let others = index.wishes(for: service).filter { $0.author != id }
        let winner = index.winner(for: service, at: wall(at: now))
        guard before != nil || takeOwnership || others.isEmpty || winner?.spec == spec else {
            let stamp = winner?.specStamp ?? .zero
            return .refused(
                .foreign(
                    name,
                    declaredBy: others.map(\.author),
                    at: WallTime(milliseconds: stamp.milliseconds)
                )
            )
        }
        let isInForce = winner.map { $0.spec == spec } ?? false
        if let before, before.declaration.spec == spec, isInForce {
            return answer(.unchanged, name, at: now, into: &effects)
        }
        let kept = inherited(for: service, held).filter { $0.isStillWanted(by: spec) }
        let added = claims(for: spec, service, held: kept, at: now)
        // A spec that is in force elsewhere is repeated with its author's stamp, so that to
        // repeat a wish does not look like a change of it.
        let declaration = Declaration(
            service: name,
            revision: revision(over: winner, isInForce: isInForce, takeOwnership: takeOwnership),
            specStamp: isInForce
                ? winner?.specStamp ?? .zero : freshStamp(for: name, over: winner, at: now),
            spec: spec,
            claims: kept + added
        )
        estate[name] = Estate.Wish(declaration: declaration, slot: held?.slot)
        // On disk before anybody can see it.
        effects.append(.persist([Estate.change(wish: name, to: declaration)]))
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.forgetsWishes) { effects.dropLast() }
        #endif
        guard signWish(name, at: now, into: &effects) else {
            estate[name] = held
            effects.append(.persist([Estate.change(wish: name, to: held?.declaration)]))
            return .refused(.tooLarge)
        }
        return answer(before == nil ? .created : .configured, name, at: now, into: &effects)
    }

    /// The claims a wish begins with: those it has, or, where a disk was lost, those that copies of
    /// this node's own wish still know (registry design, section 3.5, step 3).
    private func inherited(for service: ServiceID, _ held: Estate.Wish?) -> [Claim] {
        if let held { return held.declaration.claims }
        let myself = id
        let copy = index.copies(for: service).first { $0.declaration.adoptedFrom == myself }
        return (copy?.declaration.claims ?? []).filter {
            !index.book.isTaken($0.resource, from: service)
        }
    }

    /// Now; but after what was deleted for everybody, be it by a clock that is ahead, and after a wish
    /// whose revision is the last there is.
    private mutating func freshStamp(
        for name: ServiceName,
        over winner: Declaration?,
        at now: Instant
    ) -> HybridTime {
        let stamp = pen.stamp(at: wall(at: now))
        var earlier = index.retraction(of: name) ?? .zero
        if let winner, winner.revision == .max { earlier = max(earlier, winner.specStamp) }
        return earlier < stamp ? stamp : HybridTime(raw: earlier.raw + 1)
    }

    private func revision(
        over winner: Declaration?,
        isInForce: Bool,
        takeOwnership: Bool
    ) -> UInt32 {
        guard let winner else { return 1 }
        let next = winner.revision == .max ? .max : winner.revision + 1
        return takeOwnership && !isInForce ? next : winner.revision
    }

    /// The service as it is seen now: the answer says what clients will meet.
    private mutating func answer(
        _ change: Outcome.Change,
        _ name: ServiceName,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        // In a batch the views are filled in at its end.
        if isBatch, let wish = estate[name] {
            return .declared(change: change, ServiceView(pending: wish.declaration, in: identity))
        }
        publishView(at: now, into: &effects)
        guard let view = publication?.view[name] else {
            return .refused(.unknown(name))
        }
        return .declared(change: change, view)
    }

    mutating func publishUnlessBatched(at now: Instant, into effects: inout Effects) {
        if !isBatch { publishView(at: now, into: &effects) }
    }

    private func refusal(
        of name: ServiceName,
        _ spec: ServiceSpec,
        _ service: ServiceID
    ) -> CommandRefusal? {
        guard let settings = store.settings else { return .notReady }
        if let problem = spec.problem { return .invalid(problem) }
        let certificate = identity.certificate.content
        guard certificate.allows(namespace: name.namespace) else {
            return .namespace(name.namespace)
        }
        if estate[name] == nil, estate.wishedFor.count >= Int(certificate.maximumServices) {
            return .quota(Int(certificate.maximumServices))
        }
        if estate[name]?.slot == nil, freeRecords < 1 {
            return .recordQuota(Int(certificate.maximumRecords))
        }
        func owner(of resource: Resource) -> ServiceName? {
            index.book.owner(of: resource).flatMap { index.name(of: $0) }
        }
        for address in spec.fixedAddresses {
            let resource = Resource.address(address)
            // Who is in a range that is draining may stay there.
            guard settings.ranges.offers(resource) || index.book.claims(resource, for: service)
            else { return .outsideRange(address, settings.ranges.serviceCIDR) }
            // Rules lead it to whoever answers for names on each machine, unless a service has it.
            guard !settings.reserves(address) || index.book.claims(resource, for: service)
            else { return .addressReserved(address) }
            if index.book.isTaken(resource, from: service) {
                return .addressTaken(address, by: owner(of: resource))
            }
        }
        var wishes = spec.ports.compactMap { port in
            port.requestedNodePort.map { (port.transport, $0) }
        }
        // Answered by the agent, so that nobody claims it; but it must be nobody's NodePort.
        if let port = spec.healthCheckNodePort { wishes.append((.tcp, port)) }
        for (transport, wanted) in wishes {
            let resource = Resource.nodePort(transport, wanted)
            guard settings.ranges.admits(resource) else {
                return .portOutsideRange(wanted, settings.ranges.nodePorts)
            }
            if index.book.isTaken(resource, from: service) {
                return .portTaken(wanted, by: owner(of: resource))
            }
        }
        return nil
    }

    // MARK: Endpoints

    private mutating func offer(
        _ set: EndpointSet,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        if let problem = set.problem { return .refused(.invalid(problem)) }
        let certificate = identity.certificate.content
        guard certificate.allows(namespace: set.service.namespace) else {
            return .refused(.namespace(set.service.namespace))
        }
        for endpoint in set.endpoints where !certificate.allows(endpoint: endpoint.address) {
            return .refused(.address(endpoint.address, owner: owner(of: endpoint.address)))
        }
        guard set.endpoints.count <= 1000, set.ports.count <= 100 else {
            return .refused(.tooLarge)
        }
        let before = estate.offer(of: set.service, slice: set.slice)
        guard before != set else { return .offered(change: .unchanged) }
        // On disk before anybody can see it.
        effects.append(
            .persist([Estate.change(offer: set.service, slice: set.slice, to: set)])
        )
        guard signOffer(set, within: freeRecords, at: now, into: &effects) else {
            effects.append(
                .persist([Estate.change(offer: set.service, slice: set.slice, to: before)])
            )
            return .refused(.recordQuota(Int(certificate.maximumRecords)))
        }
        estate.setOffer(set)
        publishUnlessBatched(at: now, into: &effects)
        return .offered(change: before == nil ? .created : .configured)
    }

    private mutating func retire(
        _ name: ServiceName,
        _ slice: String,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        guard estate.offer(of: name, slice: slice) != nil else {
            return .refused(.unknown(name))
        }
        estate.removeOffer(of: name, slice: slice)
        effects.append(.persist([Estate.change(offer: name, slice: slice, to: nil)]))
        signPages(of: "\(name)/\(slice)", entries: [], at: now, into: &effects)
        publishUnlessBatched(at: now, into: &effects)
        return .withdrawn(stillDeclaredBy: [])
    }

    /// The node whose certificate covers an address: where to apply such a slice instead.
    private func owner(of address: IPAddress) -> NodeID? {
        store.authors.first { author in
            store.shelf(of: author)?.content.certificate.content.allows(endpoint: address) == true
        }
    }
}

extension Claim {
    /// Whether a changed spec still has a use for this claim.
    fileprivate func isStillWanted(by spec: ServiceSpec) -> Bool {
        switch resource {
        case .address(let address):
            guard spec.requiresAddress, spec.families.contains(address.family) else { return false }
            return spec.fixedAddress(in: address.family).map { $0 == address } ?? true
        case .nodePort(let transport, let number):
            guard spec.type == .nodePort, spec.ports.indices.contains(Int(portIndex)) else {
                return false
            }
            let port = spec.ports[Int(portIndex)]
            return port.transport == transport
                && (port.requestedNodePort ?? number) == number
        }
    }
}
