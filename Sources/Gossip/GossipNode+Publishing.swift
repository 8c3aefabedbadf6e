import Membership
import Registry
import Vocabulary

/// What the machine gets to see, and what must be done by the clock.
extension GossipNode {
    /// Makes the view that follows from everything known now, and publishes it.
    mutating func publishView(at now: Instant, into effects: inout Effects) {
        guard let view = currentView(at: now, into: &effects) else { return }
        let made = Publication(
            view: view,
            members: roster.members,
            myself: id,
            certificate: identity.certificate.content,
            credential: identity.certificate,
            revocation: revocation,
            addresses: identity.addresses,
            nodes: store.authors.compactMap(summary),
            phase: phase,
            records: store.count,
            selfHealth: roster.selfHealth,
            hasTwin: rivalry.isTwin(at: now)
        )
        publication = made
        effects.append(.publish(made))
    }

    private mutating func currentView(
        at now: Instant,
        into effects: inout Effects
    ) -> ClusterView? {
        if now >= claimsDue || viewIsStale { tendClaims(at: now, into: &effects) }
        viewDue = .never
        guard takeStaleness(at: now) || publication == nil else { return publication?.view }
        persistChanges(into: &effects)
        let time = wall(at: now)
        let tally = Tally(store, at: time)
        return ClusterView(of: store, tally: tally, at: time) { standing(of: $0) }
    }

    private func summary(_ author: NodeID) -> NodeSummary? {
        guard let head = store.shelf(of: author)?.content else { return nil }
        return NodeSummary(
            id: author,
            name: head.certificate.content.name,
            address: head.addresses.first
        )
    }

    /// What others said goes to disk for a fast start; own wishes went there before.
    private mutating func persistChanges(into effects: inout Effects) {
        let changes = store.drainChanges().recordKeys.filter { key in
            // The word against this very node too: it must not forget it.
            key.author != id || key.kind == .revoke
        }.map { key in
            var writer = ByteWriter()
            writer.write(key.kind.rawValue)
            writer.write(key.author)
            writer.write(key.incarnation)
            writer.write(key.slot)
            return DiskChange(space: .records, key: writer.bytes, value: store[key]?.bytes)
        }
        if !changes.isEmpty { effects.append(.persist(changes)) }
    }

    /// What is due every second.
    mutating func keepHouse(at now: Instant, into effects: inout Effects) {
        housekeepingDue = now + .seconds(1)
        let time = wall(at: now)
        if let shelf = store.shelf(of: id), shelf.incarnation > pen.incarnation {
            surpass(shelf.incarnation, at: now, into: &effects)
        }
        signManifests(at: now, into: &effects)
        if leaseEnd < time.hour + settings.leaseRenewalHours, headVersion != nil {
            signHead(at: now, into: &effects)
        }
        let purged = store.purge(at: time)
        let gone = purged.filter { $0 != id }
        for author in gone { effects.append(.report(.authorForgotten(author))) }
        if !gone.isEmpty { forgetVanished(at: now, into: &effects) }
        if !purged.isEmpty || !store.endShadows(at: time).isEmpty { staleView(at: now) }
        judgePhase(at: now)
        // Members' times of last contact change without an event of their own.
        viewDue = min(viewDue, now + settings.viewDelay)
    }

    private mutating func judgePhase(at now: Instant) {
        let hasPeers = !seeds.isEmpty || roster.members.contains { $0.state != .left }
        guard hasPeers else {
            phase = .working
            return
        }
        let heard = lastHeard ?? startedAt
        switch phase {
        case .joining:
            if lastHeard == nil, now >= startedAt + settings.joinPatience { phase = .alone }
            if lastHeard != nil, now >= startedAt + settings.joinLimit { beginWork(at: now) }
        case .working:
            if now >= heard + settings.loneliness { phase = .alone }
        case .alone:
            if lastHeard != nil, now < heard + settings.loneliness { phase = .working }
        }
    }
}
