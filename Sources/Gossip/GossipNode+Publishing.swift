import Membership
import Registry
import Vocabulary

/// What the machine gets to see, and what must be done by the clock.
extension GossipNode {
    /// Makes the view that follows from everything known now, and publishes it.
    mutating func publishView(at now: Instant, into effects: inout Effects) {
        guard !isSilent else { return }
        guard let view = currentView(at: now, into: &effects) else { return }
        publish(view, at: now, into: &effects)
    }

    private mutating func publish(
        _ view: ClusterView,
        at now: Instant,
        into effects: inout Effects
    ) {
        let made = Publication(
            view: view,
            table: roster.table,
            myself: id,
            certificate: identity.certificate.content,
            credential: identity.certificate,
            revocation: revocation,
            addresses: identity.addresses,
            nodes: names.list,
            phase: phase,
            records: store.count,
            selfHealth: roster.selfHealth,
            clockBehind: clock.middleAhead,
            troubles: troubles.list,
            outsiders: outsiders.all(besides: troubles)
        )
        publication = made
        effects.append(.publish(made))
    }

    /// Publishes again what was seen last, under what this node has become.
    mutating func republish(at now: Instant, into effects: inout Effects) {
        guard let view = publication?.view else { return }
        publish(view, at: now, into: &effects)
    }

    private mutating func currentView(
        at now: Instant,
        into effects: inout Effects
    ) -> ClusterView? {
        if now >= claimsDue || viewIsStale { tendClaims(at: now, into: &effects) }
        viewDue = .never
        guard takeStaleness(at: now) || publication == nil else { return publication?.view }
        refreshIndex(at: now)
        tellAddresses(into: &effects)
        persistChanges(into: &effects)
        return index.view
    }

    /// Lets the index of services take in what changed since the last look.
    mutating func refreshIndex(at now: Instant) {
        let changes = store.drainChanges()
        unsaved += changes.recordKeys
        names.read(changes.authors, from: store)
        let time = wall(at: now)
        let (roster, myself) = (roster, id)
        addressChanges += index.update(from: store, changes, judged: judged, at: time) { node in
            roster.standing(of: node, seenBy: myself)
        }
        judged = []
    }

    /// Reports each address that changed.
    ///
    /// While the node starts, all addresses come into sight and none of them is news.
    private mutating func tellAddresses(into effects: inout Effects) {
        for change in addressChanges where phase != .joining || change.reason != .assigned {
            effects.append(.report(.addressChanged(change)))
        }
        addressChanges = []
    }

    /// What others said goes to disk for a fast start; own wishes went there before.
    private mutating func persistChanges(into effects: inout Effects) {
        let keys = unsaved.filter { $0.author != id }.sorted().reduce(into: [RecordKey]()) {
            if $0.last != $1 { $0.append($1) }
        }
        unsaved = []
        let changes = keys.map { key in
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
        forgiveSleep(until: now)
        housekeepingDue = now + .seconds(1)
        let dropped =
            news.takeDropped() + wants.takeDropped() + outbox.takeDropped()
            + wordLine.takeDropped()
        if dropped > 0 { effects.append(.report(.queueFull(dropped))) }
        clock.adjust(at: now)
        clock.tendLeases(at: now)
        store.leaseTime = clock.leases.time
        let time = wall(at: now)
        if let shelf = store.shelf(of: id), shelf.incarnation > pen.incarnation {
            surpass(shelf.incarnation, at: now, into: &effects)
        }
        if index.isOverdue(at: time) { staleView(at: now) }
        signManifests(at: now, into: &effects)
        compact(at: now, into: &effects)
        heedRetractions(at: now, into: &effects)
        tendCopies(at: now, into: &effects)
        if leaseEnd < time.hour + settings.leaseRenewalHours + leaseJitter, headVersion != nil {
            signHead(at: now, into: &effects)
        }
        let purged = store.purge(at: time)
        let gone = purged.filter { $0 != id }
        for author in gone { effects.append(.report(.authorForgotten(author))) }
        if !gone.isEmpty { forgetVanished(at: now, into: &effects) }
        if !purged.isEmpty || !store.endShadows(at: time).isEmpty { staleView(at: now) }
        judgePhase(at: now)
        judgeTroubles(at: now, into: &effects)
        checkSizes(at: now, into: &effects)
        // Members' times of last contact change without an event of their own.
        viewDue = min(viewDue, now + settings.viewDelay)
    }

    /// Up to twelve hours, another number for each node: ten thousand that started together do
    /// not renew their leases together.
    private var leaseJitter: UInt32 { UInt32(truncatingIfNeeded: id.number % 13) }

    /// We slept, or were starved: what did not come in that time is no sign that we are alone.
    private mutating func forgiveSleep(until now: Instant) {
        let lateness = now - housekeepingDue
        guard lateness > settings.membership.lateTolerance else { return }
        lastHeard = lastHeard.map { min($0 + lateness, now) }
    }

    private mutating func judgePhase(at now: Instant) {
        let hasPeers = !seeds.addresses.isEmpty || roster.hasCompany
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
        case .stopped, .left: break
        }
    }
}
