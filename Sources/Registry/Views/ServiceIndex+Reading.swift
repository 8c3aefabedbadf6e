import Vocabulary

/// Taking records into the index.
extension ServiceIndex {
    /// Looks at one slot of an author.
    ///
    /// - Returns: Whether that was enough; else all that is shown of the author must be read.
    mutating func readSlot(_ key: RecordKey, from store: RecordStore) -> Bool {
        guard let share = shares[key.author], share.incarnation == key.incarnation,
            !store.isShadowed(key.author), let shelf = store.shelf(of: key.author),
            shelf.incarnation == key.incarnation
        else { return false }
        let record = shelf[slot: key.slot].map { Record($0) }
        put(record, in: key.slot, of: key.author)
        recountQuota(of: key.author)
        return true
    }

    /// Looks at all that is shown of an author, and at what is kept of a hidden one.
    mutating func readAuthor(_ author: NodeID, from store: RecordStore, at now: WallTime) {
        let exhibit = store.exhibit(of: author, at: now)
        guard let head = exhibit?.head ?? store.shelf(of: author)?.content else {
            return forget(author)
        }
        if shares[author] == nil {
            shares[author] = AuthorShare()
            unjudged.insert(author)
        }
        let records = exhibit?.records ?? store.records(of: author)
        let incarnation = records.first?.header.incarnation
        let certificate = head.certificate.content
        if let incarnation, shares[author]?.incarnation != incarnation {
            clear(author)
            shares[author]?.incarnation = incarnation
        }
        if shares[author]?.isShown != (exhibit != nil) || shares[author]?.certificate != certificate
        {
            shares[author]?.isShown = exhibit != nil
            shares[author]?.certificate = certificate
            dirty.formUnion(services(of: author))
        }
        let isRemembered = store.remembers(author, at: now)
        if shares[author]?.isRemembered != isRemembered {
            shares[author]?.isRemembered = isRemembered
            dirty.formUnion(adoptions[author] ?? [])
        }
        let present = records.map(\.header.slot)
        for slot in slots(of: author) where !present.contains(sorted: slot) {
            put(nil, in: slot, of: author)
        }
        for record in records { put(record, in: record.header.slot, of: author) }
        recountQuota(of: author)
        show(
            exhibit.map { _ in
                NodeView(
                    id: author,
                    name: certificate.name,
                    addresses: certificate.addresses,
                    podCIDRs: certificate.podCIDRs
                )
            },
            as: author
        )
        takeKey(of: author)
        noteDates(of: author, at: store.leaseTime ?? now)
    }

    private mutating func forget(_ author: NodeID) {
        guard shares[author] != nil else { return }
        clear(author)
        dirty.formUnion(adoptions[author] ?? [])
        show(nil, as: author)
        shares[author] = nil
        standings[author] = nil
        witnesses[author] = nil
    }

    /// Takes out all slots of an author.
    private mutating func clear(_ author: NodeID) {
        for slot in slots(of: author) { put(nil, in: slot, of: author) }
    }

    /// The slots of an author that hold anything, rising.
    private func slots(of author: NodeID) -> [UInt32] { shares[author]?.slots.keys.sorted() ?? [] }

    private func services(of author: NodeID) -> [ServiceID] {
        guard let share = shares[author] else { return [] }
        return share.slots.keys.sorted().flatMap { slot -> [ServiceID] in
            switch share.slots[slot] {
            case .declaration(let service, _): [service]
            case .offers(let services), .retractions(let services): services
            case .nothing, nil: []
            }
        }
    }

    // MARK: Slots

    /// Puts what a slot holds now in the place of what it held.
    private mutating func put(_ record: Record?, in slot: UInt32, of author: NodeID) {
        guard let incarnation = shares[author]?.incarnation else { return }
        let place = RecordSlot(author: author, incarnation: incarnation, slot: slot)
        let (new, wish, offers, retractions) = content(of: record, in: place)
        let touched = (shares[author]?.slots[slot]?.services ?? []) + (new?.services ?? [])
        for service in touched.sorted().uniqued {
            // Taken out while it is changed, so that nothing of it is copied.
            var entry = entries.removeValue(forKey: service) ?? ServiceEntry()
            let origins = entry.origins(in: place)
            let declared = wish.flatMap { $0.service == service ? $0.declared : nil }
            let isChanged = [
                entry.declarations.replace(place, with: declared.map { [$0] } ?? []),
                entry.offers.replace(place, with: offers.matching(service)),
                entry.retractions.replace(place, with: retractions.matching(service)),
            ]
            for origin in (origins + entry.origins(in: place)).sorted().uniqued {
                adoptions[origin, default: []]
                    .set(service, isThere: entry.hasCopy(waitingFor: origin))
                if adoptions[origin]?.isEmpty == true { adoptions[origin] = nil }
            }
            if entry.retractions.isEmpty {
                retracted.remove(service)
            } else {
                retracted.insert(service)
            }
            entries[service] = entry
            if isChanged.contains(true) { dirty.insert(service) }
        }
        note(new, in: slot, of: author)
    }

    private typealias Content = (
        AuthorShare.Contribution?, (service: ServiceID, declared: Declared)?,
        [(service: ServiceID, item: Offered)], [(service: ServiceID, item: Retracted)]
    )

    private mutating func content(of record: Record?, in place: RecordSlot) -> Content {
        guard let record else { return (nil, nil, [], []) }
        switch record.body {
        case .declaration(let declaration):
            let service = ServiceID(of: declaration.service, in: cluster)
            return (
                .declaration(service, isCopy: declaration.adoptedFrom != nil),
                (service, Declared(slot: place, declaration: declaration)), [], []
            )
        case .endpoints(let entries):
            // Of who is hidden nothing is offered.
            let isShown = shares[place.author]?.isShown == true
            let certificate = isShown ? shares[place.author]?.certificate : nil
            let allowed = entries.compactMap { $0.within(certificate) }
            let sorted = allowed.map(\.service).sorted().uniqued
            let offers = sorted.map { service in
                let mine = allowed.filter { $0.service == service }
                return (service: service, item: Offered(slot: place, entries: mine))
            }
            return (.offers(sorted), nil, offers, [])
        case .retractions(let lines):
            let sorted = lines.map(\.service).sorted().uniqued
            let items = lines.map {
                (service: $0.service, item: Retracted(slot: place, upTo: $0.upTo))
            }
            return (.retractions(sorted), nil, [], items)
        case .releases(let releases):
            for release in releases {
                // Nobody keeps a place cool for longer by a time that has not come.
                let time = min(release.releasedAt, record.header.time).milliseconds
                let at = WallTime(milliseconds: time)
                avoided.note(release.resource, of: release.service, at: at)
            }
            return (.nothing, nil, [], [])
        case .head, .manifest, .cluster, .revocation, .fault:
            return (.nothing, nil, [], [])
        }
    }

    /// Remembers what a slot holds, and in which order declarations count.
    private mutating func note(
        _ new: AuthorShare.Contribution?,
        in slot: UInt32,
        of author: NodeID
    ) {
        shares[author]?.slots[slot] = new
        var isWish = false
        var isCopy = false
        if case .declaration(_, let copy)? = new { (isWish, isCopy) = (!copy, copy) }
        shares[author]?.wishes.set(slot, isThere: isWish)
        shares[author]?.copies.set(slot, isThere: isCopy)
    }

    private mutating func recountQuota(of author: NodeID) {
        guard let share = shares[author] else { return }
        let new = share.excess(over: Int(share.certificate?.maximumServices ?? 0))
        guard new != share.excess else { return }
        for slot in new + share.excess {
            if case .declaration(let service, _)? = share.slots[slot] { dirty.insert(service) }
        }
        shares[author]?.excess = new
    }

    // MARK: Authors

    private mutating func show(_ node: NodeView?, as author: NodeID) {
        guard shares[author]?.node != node else { return }
        shares[author]?.node = node
        let place = nodes.partitioningIndex { !($0.id < author) }
        let isThere = place < nodes.count && nodes[place].id == author
        switch (node, isThere) {
        case (nil, false): break
        case (nil, true): nodes.remove(at: place)
        case (let node?, true): nodes[place] = node
        case (let node?, false): nodes.insert(node, at: place)
        }
    }

    /// Keeps the key of an author whose seals count.
    mutating func takeKey(of author: NodeID) {
        guard (settings?.sealQuorum ?? 0) > 0 else { return }
        let share = shares[author]
        let key = share?.isShown == true ? share?.certificate?.key : nil
        guard witnesses[author] != key else { return }
        witnesses[author] = key
        reviewsContests = true
    }

    /// Remembers when time alone makes an author appear or disappear.
    mutating func noteDates(of author: NodeID, at now: WallTime) {
        guard let certificate = shares[author]?.certificate else { return }
        // Leases end with hours, and hours are looked at anyway.
        for second in [certificate.notBefore, certificate.notAfter + 1] {
            let (moment, isTooLate) = second.multipliedReportingOverflow(by: 1000)
            guard !isTooLate else { continue }
            let date = WallTime(milliseconds: moment)
            if date > now {
                authorsUntil = min(authorsUntil, date)
            } else {
                authorsFrom = max(authorsFrom, date)
            }
        }
    }
}

extension AuthorShare.Contribution {
    fileprivate var services: [ServiceID] {
        switch self {
        case .declaration(let service, _): [service]
        case .offers(let services), .retractions(let services): services
        case .nothing: []
        }
    }
}

extension Array {
    /// The items of one service.
    fileprivate func matching<Item>(_ service: ServiceID) -> [Item]
    where Element == (service: ServiceID, item: Item) {
        var items: [Item] = []
        for element in self where element.service == service { items.append(element.item) }
        return items
    }
}

extension Array where Element: Comparable {
    /// Puts an element into a sorted array without repeats, or takes it out.
    fileprivate mutating func set(_ element: Element, isThere: Bool) {
        let place = partitioningIndex { !($0 < element) }
        let was = place < count && self[place] == element
        if isThere, !was { insert(element, at: place) }
        if !isThere, was { remove(at: place) }
    }
}

extension EndpointEntry {
    /// What of it a certificate allows; `nil` where that is nothing.
    fileprivate func within(_ certificate: Certificate.Content?) -> EndpointEntry? {
        guard let certificate else { return nil }
        let allowed = endpoints.filter { certificate.allows(endpoint: $0.address) }
        if allowed.count == endpoints.count { return self }
        return allowed.isEmpty
            ? nil : EndpointEntry(service: service, ports: ports, endpoints: allowed)
    }
}

extension RecordStore {
    /// Whether an unexpired HEAD of an author is here: it may come back any moment, or it left
    /// and took its wishes with it; either way nobody answers for them in its place.
    func remembers(_ author: NodeID, at now: WallTime) -> Bool {
        guard let shelf = shelf(of: author) else { return false }
        let time = leaseTime ?? now
        return time.hour <= shelf.leaseEnd && time.seconds <= shelf.certificateEnd
    }
}
