import Registry
import Sodium
import Vocabulary

/// Copies of others' wishes, so that a service outlives the machine it was declared on (registry
/// design, section 4).
///
/// A copy says whose wish it repeats, and counts for nothing while that author may still speak for
/// itself: who deletes a service is never overruled by a copy.
extension GossipNode {
    /// Makes the copies that are wanted of this node, keeps them equal to what they repeat, and
    /// gives up those that nobody needs.
    mutating func tendCopies(at now: Instant, into effects: inout Effects) {
        guard now >= adoptionDue else { return }
        adoptionDue = now + settings.adoptionPeriod
        guard maySign, farewell == nil, phase == .working, settings.copies > 1,
            store.settings != nil
        else { return }
        refreshIndex(at: now)
        let hosted = estate.hosted
        for name in hosted where estate[name] == nil {
            consider(name, at: now, into: &effects)
        }
        let isHosted = Set(hosted)
        wantedCopies = wantedCopies.filter { isHosted.contains($0.key) && estate[$0.key] == nil }
        for name in estate.copied {
            review(name, isHosted: isHosted.contains(name), at: now, into: &effects)
        }
    }

    /// Copies a wish for a service that this node hosts, where too few others do.
    private mutating func consider(
        _ name: ServiceName,
        at now: Instant,
        into effects: inout Effects
    ) {
        let service = ServiceID(of: name, in: identity.anchor.cluster)
        let certificate = identity.certificate.content
        guard let (origin, wish) = original(of: service, at: now),
            certificate.allows(namespace: name.namespace),
            // Copies never keep this node's own wishes out.
            estate.wishedFor.count < Int(certificate.maximumServices) / 2,
            freeRecords > 0,
            isNeeded(service, besides: [])
        else {
            wantedCopies[name] = nil
            return
        }
        let since = wantedCopies[name] ?? now
        wantedCopies[name] = since
        let wait = settings.adoptionDelay + settings.rankStep * rankAmongHosts(of: name, service)
        guard now >= since + wait else { return }
        wantedCopies[name] = nil
        keep(copy(of: wish, by: origin), in: nil, at: now, into: &effects)
    }

    /// Looks after a copy that this node has.
    private mutating func review(
        _ name: ServiceName,
        isHosted: Bool,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard var wish = estate[name], let origin = wish.declaration.adoptedFrom else { return }
        let service = ServiceID(of: name, in: identity.anchor.cluster)
        // Who was forgotten speaks no more: from then on the copy is the wish.
        guard index.remembers(origin) else {
            estate[name]?.needlessSince = nil
            return
        }
        let source = original(of: service, at: now)
        let isWanted = isHosted && source != nil && isNeeded(service, besides: [id])
        // An author whose records are not all here may only seem to have deleted something, and one
        // that is not heard may lack a host for a moment.
        let isSure = store.shelf(of: origin)?.isComplete == true && !store.isShadowed(origin)
        guard isWanted || !isSure || (source != nil && standing(of: origin) != .working) else {
            let since = wish.needlessSince ?? now
            estate[name]?.needlessSince = since
            if now >= since + settings.orphanTime { drop(name, at: now, into: &effects) }
            return
        }
        wish.needlessSince = nil
        estate[name] = wish
        guard let (author, source) = source else { return }
        let renewed = copy(of: source, by: author)
        if renewed != wish.declaration {
            keep(renewed, in: wish.slot, at: now, into: &effects)
        }
    }

    /// The wish in force that an author made itself, the first of them by name.
    private func original(
        of service: ServiceID,
        at now: Instant
    ) -> (author: NodeID, declaration: Declaration)? {
        guard let winner = index.winner(for: service, at: wall(at: now)) else { return nil }
        return index.wishes(for: service).first {
            $0.author != id && $0.declaration.adoptedFrom == nil
                && $0.declaration.spec == winner.spec
        }
    }

    /// Whether fewer than enough of the living hold a service, some of them not counted.
    private func isNeeded(_ service: ServiceID, besides some: [NodeID]) -> Bool {
        let wishes = index.wishes(for: service) + index.copies(for: service)
        let holders = wishes.map(\.author).sorted().uniqued.filter {
            !some.contains($0) && ($0 == id || standing(of: $0) != .gone)
        }
        return holders.count < settings.copies
    }

    /// How many living hosts of a service come before this node, in an order nobody chooses.
    private func rankAmongHosts(of name: ServiceName, _ service: ServiceID) -> Int {
        func lot(_ node: NodeID) -> UInt128 { BLAKE2b.hash128(node.bytes + service.bytes) }
        let holders = (index.wishes(for: service) + index.copies(for: service)).map(\.author)
        let hosts = (index.view?[name]?.endpoints ?? []).map(\.node).sorted().uniqued
        let mine = lot(id)
        return hosts.filter { $0 != id && !holders.contains($0) && standing(of: $0) == .working }
            .count { lot($0) < mine }
    }

    private func copy(of wish: Declaration, by author: NodeID) -> Declaration {
        Declaration(
            service: wish.service,
            revision: wish.revision,
            specStamp: wish.specStamp,
            adoptedFrom: author,
            spec: wish.spec,
            // With its claims: the service keeps its address when the copy begins to count.
            claims: wish.claims
        )
    }

    private mutating func keep(
        _ copy: Declaration,
        in slot: UInt32?,
        at now: Instant,
        into effects: inout Effects
    ) {
        let before = estate[copy.service]
        estate[copy.service] = Estate.Wish(declaration: copy, slot: slot)
        guard signWish(copy.service, at: now, into: &effects) else {
            estate[copy.service] = before
            return
        }
        effects.append(.persist([Estate.change(wish: copy.service, to: copy)]))
    }

    /// Whether a wish is a copy that waits: its claims are those of the wish it repeats.
    func isWaitingCopy(_ wish: Estate.Wish) -> Bool {
        wish.declaration.adoptedFrom.map(index.remembers) ?? false
    }
}
