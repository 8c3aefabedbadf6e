import Registry
import Sodium
import Vocabulary

/// Holds on addresses and ports: making them, and making them again after a loss (registry
/// design, section 5.4).
extension GossipNode {
    /// The claims that a spec lacks, as this node sees the pools now.
    mutating func claims(
        for spec: ServiceSpec,
        _ service: ServiceID,
        held: [Claim],
        at now: Instant
    ) -> [Claim] {
        guard let settings = store.settings else { return [] }
        let time = wall(at: now)
        return Claimant(settings, book: index.book, avoided: index.avoided).claimsToAdd(
            for: spec,
            service: service,
            held: held,
            stamp: pen.stamp(at: time),
            at: time
        )
    }

    /// Looks after the claims of all own wishes, and says when to look again.
    mutating func tendClaims(at now: Instant, into effects: inout Effects) {
        claimsDue = .never
        guard maySign, store.settings != nil else { return }
        refreshIndex(at: now)
        for name in estate.wishedFor {
            guard var wish = estate[name], wish.slot != nil, !isWaitingCopy(wish) else { continue }
            let before = wish.declaration.claims
            let claims = revise(&wish, at: now, into: &effects)
            estate[name] = wish
            guard claims != before else { continue }
            release(before.filter { !claims.contains($0) }, of: name, at: now)
            estate[name]?.declaration.claims = claims
            guard signWish(name, at: now, into: &effects) else {
                // A record holds no more: what is held already stays as it is.
                estate[name] = wish
                continue
            }
            // Before anything of it is sent: what an event says leaves at its end.
            wish.declaration.claims = claims
            effects.append(.persist([Estate.change(wish: name, to: wish.declaration)]))
            refreshIndex(at: now)
        }
    }

    /// The claims that one wish should have now.
    private mutating func revise(
        _ wish: inout Estate.Wish,
        at now: Instant,
        into effects: inout Effects
    ) -> [Claim] {
        let spec = wish.declaration.spec
        let name = wish.declaration.service
        let service = ServiceID(of: name, in: identity.anchor.cluster)
        let allotment = index.book.allotment(of: service, spec: spec)
        let held = wish.declaration.claims
        guard !spec.lacks(allotment, in: store.settings?.ranges) else {
            return reclaim(&wish, service, at: now, into: &effects)
        }
        wish.pendingSince = nil
        // Everything is there. Hold what people are told, too, and let losses go.
        let kept = held.filter { claim in
            spec.asksFor(claim) || !index.book.isTaken(claim.resource, from: service)
        }
        let added = claims(for: spec, service, held: kept, at: now)
        return drain(kept + added, of: &wish, allotment, at: now)
    }

    /// A service without address or port: the first of its living declarers claims the next
    /// place after a while, then the second, so that they do not all do it at once.
    private mutating func reclaim(
        _ wish: inout Estate.Wish,
        _ service: ServiceID,
        at now: Instant,
        into effects: inout Effects
    ) -> [Claim] {
        let since = wish.pendingSince ?? now
        wish.pendingSince = since
        let held = wish.declaration.claims
        let wait = settings.settleTime + settings.rankStep * rank(of: service)
        guard now >= since + wait else {
            claimsDue = min(claimsDue, since + wait)
            return held
        }
        let spec = wish.declaration.spec
        let name = wish.declaration.service
        let kept = held.filter { claim in
            spec.asksFor(claim) || !index.book.isTaken(claim.resource, from: service)
        }
        for claim in held where !kept.contains(claim) {
            let winner = index.book.owner(of: claim.resource).flatMap { index.name(of: $0) }
            effects.append(.report(.claimLost(name, claim.resource, to: winner)))
        }
        let added = claims(for: spec, service, held: kept, at: now)
        wish.pendingSince = now
        claimsDue = min(claimsDue, now + settings.settleTime)
        if added.isEmpty, kept == held { effects.append(.report(.poolExhausted(name))) }
        return kept + added
    }

    /// How many living declarers come before this node, in an order that nobody chooses.
    private func rank(of service: ServiceID) -> Int {
        func lot(_ node: NodeID) -> UInt128 { BLAKE2b.hash128(node.bytes + service.bytes) }
        let mine = lot(id)
        let living = index.wishes(for: service).map(\.author).filter { node in
            node != id && standing(of: node) == .working
        }
        return living.count { lot($0) < mine }
    }

    /// Gives up places that people are no longer told, but not before they have been out of use
    /// for a while: both addresses answer until then.
    private mutating func drain(
        _ claims: [Claim],
        of wish: inout Estate.Wish,
        _ allotment: AddressBook.Allotment,
        at now: Instant
    ) -> [Claim] {
        let spec = wish.declaration.spec
        let spare = claims.filter { !spec.uses($0, allotment) && !spec.asksFor($0) }
        guard !spare.isEmpty else {
            wish.drainingSince = nil
            return claims
        }
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.dropsAliasAtOnce) { return claims.filter { !spare.contains($0) } }
        #endif
        let since = wish.drainingSince ?? now
        wish.drainingSince = since
        guard now >= since + settings.drainTime else {
            claimsDue = min(claimsDue, since + settings.drainTime)
            return claims
        }
        wish.drainingSince = nil
        return claims.filter { !spare.contains($0) }
    }
}

extension ServiceSpec {
    /// Whether something is missing that a further claim could bring.
    ///
    /// A place asked for by number is not: its claim waits for the winner to give it up.
    fileprivate func lacks(
        _ allotment: AddressBook.Allotment,
        in ranges: AddressRanges?
    ) -> Bool {
        let open = ranges?.serviceRanges.filter { !$0.isDraining }.map(\.cidr.family) ?? []
        for family in requiresAddress ? families : []
        where open.contains(family) && fixedAddress(in: family) == nil
            && allotment.primary(in: family) == nil
        { return true }
        guard type == .nodePort else { return false }
        return zip(ports, allotment.nodePorts).contains { port, given in
            given == nil && port.requestedNodePort == nil
        }
    }

    /// Whether a claim is for a place that the spec asks for by number.
    fileprivate func asksFor(_ claim: Claim) -> Bool {
        switch claim.resource {
        case .address(let address): fixedAddress(in: address.family) == address
        case .nodePort(_, let number):
            ports.indices.contains(Int(claim.portIndex))
                && ports[Int(claim.portIndex)].requestedNodePort == number
        }
    }

    /// Whether a claim is for a place that people are told.
    fileprivate func uses(_ claim: Claim, _ allotment: AddressBook.Allotment) -> Bool {
        switch claim.resource {
        case .address(let address): allotment.primaries.contains(address)
        case .nodePort(_, let number):
            allotment.nodePorts.indices.contains(Int(claim.portIndex))
                && allotment.nodePorts[Int(claim.portIndex)] == number
        }
    }
}
