import Membership
import Registry
import Vocabulary
import Wire

/// This node's own records: what it signs, and in which order they appear.
extension GossipNode {
    /// Signs everything anew under the pen's incarnation.
    ///
    /// Peers hear of the HEAD last, when what it speaks of is on its way already (registry design,
    /// section 3.5).
    mutating func publishRecords(at now: Instant, into effects: inout Effects) {
        estate.vacate()
        signHead(at: now, isNews: false, into: &effects)
        for name in estate.wishedFor { signWish(name, at: now, into: &effects) }
        // Who is about to leave offers nothing.
        for set in farewell == nil ? estate.offered : [] {
            signOffer(set, at: now, into: &effects)
        }
        signLines(at: now, into: &effects)
        signManifests(at: now, into: &effects)
        if let head = store.shelf(of: id)?.head { push(head, from: nil, at: now) }
        staleView(at: now)
    }

    /// Signs a HEAD that is later than every one before.
    mutating func signHead(
        at now: Instant,
        isNews: Bool = true,
        into effects: inout Effects
    ) {
        guard maySign else { return }
        promiseLease(at: now, into: &effects)
        let head = Head(
            certificate: identity.certificate,
            leaseEnd: leaseEnd,
            chunkFloor: estate.ledger.chunkFloor,
            chunks: UInt8(clamping: estate.ledger.chunkCount),
            hasLeft: farewell?.isSaid == true,
            agreementKey: peers.publicHalf,
            addresses: Array(identity.addresses.prefix(Head.maximumAddresses))
        )
        guard let record = pen.write(.head, slot: 0, .head(head), at: wall(at: now)) else {
            preconditionFailure("a HEAD with a certificate of legal length does not fit a record")
        }
        headVersion = MemberVersion(
            incarnation: record.header.incarnation,
            sequence: record.header.sequence
        )
        accept(record, from: nil, isNews: isNews, at: now, into: &effects)
    }

    /// Counts this node's lease from now on; never shorter than promised before, as far as peers
    /// would believe it.
    private mutating func promiseLease(at now: Instant, into effects: inout Effects) {
        let hour = wall(at: now).hour
        let before = leaseEnd
        // They judge by the time of the HEAD, which never goes back: so neither does this, in one
        // start, when the clock is set back.
        let signedAt = max(hour, UInt32(clamping: pen.time.milliseconds / 3_600_000))
        leaseEnd = min(
            max(leaseEnd, hour + settings.leaseHours),
            signedAt + settings.leaseHours + 1
        )
        if leaseEnd != before { effects.append(.persist([Estate.change(leaseEnd: leaseEnd)])) }
    }

    /// Signs a wish into its slot, or into a new one.
    ///
    /// - Returns: Whether it fits a record; nothing changes where it does not.
    @discardableResult
    mutating func signWish(_ name: ServiceName, at now: Instant, into effects: inout Effects)
        -> Bool
    {
        guard maySign, var wish = estate[name] else { return true }
        var ledger = estate.ledger
        let slot = wish.slot ?? ledger.open()
        var declaration = wish.declaration
        declaration.specStamp = believable(declaration.specStamp, at: now)
        let body = RecordBody.declaration(declaration)
        guard let record = pen.write(.declaration, slot: slot, body, at: wall(at: now)) else {
            return false
        }
        estate.ledger = ledger
        wish.slot = slot
        estate[name] = wish
        accept(record, from: nil, isNews: true, at: now, into: &effects)
        return true
    }

    /// How many more slots may live before the certificate's records are used up.
    ///
    /// A few are kept back: what moves to another slot lives in both for a moment.
    var freeRecords: Int {
        let limit = Int(identity.certificate.content.maximumRecords)
        return limit - Self.recordsKeptBack - (store.shelf(of: id)?.recordCount ?? 0)
    }

    static let recordsKeptBack = 16

    /// A stamp as others take it.
    ///
    /// One of a time when this clock was far ahead, and was set right since, says a little less than
    /// they would believe. What is on disk stays: this clock may be the one that is wrong.
    func believable(_ stamp: HybridTime, at now: Instant) -> HybridTime {
        let time = wall(at: now)
        guard !stamp.isBelievable(at: time) else { return stamp }
        return HybridTime(time.advanced(by: HybridTime.horizon - .seconds(60)))
    }

    /// When a wish was changed last, as this node said it in this start.
    func signedStamp(of wish: Estate.Wish) -> HybridTime {
        guard let slot = wish.slot else { return wish.declaration.specStamp }
        let key = RecordKey(
            kind: .declaration,
            author: id,
            incarnation: pen.incarnation,
            slot: slot
        )
        guard case .declaration(let signed)? = store[key]?.body else {
            return wish.declaration.specStamp
        }
        return signed.specStamp
    }

    /// Signs the pages that an endpoint set touches.
    ///
    /// It may open as many slots as there is room for.
    ///
    /// - Returns: Whether they suffice; nothing changes where they do not.
    @discardableResult
    mutating func signOffer(
        _ set: EndpointSet,
        within room: Int = .max,
        at now: Instant,
        into effects: inout Effects
    ) -> Bool {
        let entry = EndpointEntry(
            service: ServiceID(of: set.service, in: identity.anchor.cluster),
            ports: set.ports,
            endpoints: set.endpoints
        )
        return signPages(
            of: "\(set.service)/\(set.slice)",
            entries: set.endpoints.isEmpty ? [] : [entry],
            within: room,
            at: now,
            into: &effects
        )
    }

    /// Puts entries in the place of what an owner offered before, page by page.
    ///
    /// It may open as many slots as there is room for.
    ///
    /// - Returns: Whether they suffice; nothing changes where they do not.
    @discardableResult
    mutating func signPages(
        of owner: String,
        entries: [EndpointEntry],
        within room: Int = .max,
        at now: Instant,
        into effects: inout Effects
    ) -> Bool {
        guard maySign else { return true }
        var ledger = estate.ledger
        var pages = estate.pages
        var opened = 0
        let changes = pages.set(owner, to: entries) {
            opened += 1
            return ledger.open()
        }
        guard opened == 0 || opened <= room else { return false }
        var closed: [UInt32] = []
        for change in changes {
            switch change {
            case .write(let slot, let entries):
                signPage(slot, entries, at: now, into: &effects)
            case .close(let slot):
                closed.append(ledger.close(slot))
            }
        }
        estate.ledger = ledger
        estate.pages = pages
        for chunk in Set(closed).sorted() { signManifest(chunk, at: now, into: &effects) }
        return true
    }

    /// Puts a slot out: nothing else is needed to delete, and nothing brings it back.
    mutating func extinguish(_ slot: UInt32, at now: Instant, into effects: inout Effects) {
        signManifest(estate.ledger.close(slot), at: now, into: &effects)
    }

    /// Signs every manifest that speaks of fewer slots than are open.
    mutating func signManifests(at now: Instant, into effects: inout Effects) {
        guard maySign else { return }
        let source = ManifestSource(
            store: store.generation,
            incarnation: pen.incarnation,
            ledger: estate.ledger
        )
        guard source != manifestsOf else { return }
        // What is signed below is looked at once more the next time.
        manifestsOf = source
        for chunk in estate.ledger.openChunks {
            let key = RecordKey(
                kind: .manifest,
                author: id,
                incarnation: pen.incarnation,
                slot: chunk
            )
            if case .manifest(let signed)? = store[key]?.body,
                signed == estate.ledger.manifest(of: chunk)
            {
                continue
            }
            signManifest(chunk, at: now, into: &effects)
        }
        // A HEAD says how many manifests there are.
        if let head = store.shelf(of: id)?.content,
            Int(head.chunks) != estate.ledger.chunkCount
                || head.chunkFloor != estate.ledger.chunkFloor, !head.hasLeft
        {
            signHead(at: now, into: &effects)
        }
    }

    /// What it follows from whether a manifest must be signed.
    struct ManifestSource: Hashable, Sendable {
        /// The generation of the store.
        let store: UInt64
        let incarnation: UInt64
        let ledger: SlotLedger
    }

    /// Moves what is left in a nearly empty first chunk to the end, and gives the chunk up: an
    /// author never has more than sixteen (registry design, section 3.4).
    ///
    /// An author who has nearly all the records it may have moves some of them at a time.
    mutating func compact(at now: Instant, into effects: inout Effects) {
        guard maySign, let sparse = estate.ledger.slotsToMove else { return }
        let room = max(freeRecords + Self.recordsKeptBack, 0)
        let moving = sparse.sorted().prefix(room)
        let leaving = Set(moving)
        for name in estate.wishedFor {
            guard let slot = estate[name]?.slot, leaving.contains(slot) else { continue }
            estate[name]?.slot = nil
            signWish(name, at: now, into: &effects)
        }
        estate.retractions.move(outOf: leaving)
        estate.releases.move(outOf: leaving)
        signLines(at: now, into: &effects)
        var ledger = estate.ledger
        let moved = estate.pages.move(outOf: leaving) { ledger.open() }
        estate.ledger = ledger
        for (slot, entries) in moved { signPage(slot, entries, at: now, into: &effects) }
        guard moving.count == sparse.count else {
            for slot in moving { _ = estate.ledger.close(slot) }
            signManifests(at: now, into: &effects)
            return
        }
        signManifests(at: now, into: &effects)
        estate.ledger.giveUpFirstChunk()
        signHead(at: now, into: &effects)
    }

    private mutating func signPage(
        _ slot: UInt32,
        _ entries: [EndpointEntry],
        at now: Instant,
        into effects: inout Effects
    ) {
        let body = RecordBody.endpoints(entries)
        guard let record = pen.write(.endpoints, slot: slot, body, at: wall(at: now)) else {
            preconditionFailure("a page of \(entries.count) sets fits no record")
        }
        accept(record, from: nil, isNews: true, at: now, into: &effects)
    }

    private mutating func signManifest(
        _ chunk: UInt32,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard maySign else { return }
        let body = RecordBody.manifest(estate.ledger.manifest(of: chunk))
        guard let record = pen.write(.manifest, slot: chunk, body, at: wall(at: now)) else {
            preconditionFailure("a manifest of one chunk fits no record")
        }
        accept(record, from: nil, isNews: true, at: now, into: &effects)
    }

    // MARK: Beginning anew

    /// Gives way to a greater incarnation of this very node: takes one that is greater still,
    /// and signs nothing before it is on disk (registry design, section 3.5, step 6).
    mutating func surpass(_ other: UInt64, at now: Instant, into effects: inout Effects) {
        guard maySign else { return }
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noSelfBump) { return }
        #endif
        switch rivalry.answer(startedAt: startedAt, at: now) {
        case .wait: break
        case .beginAnew:
            twins.noteQuarrel(at: now)
            effects.append(.report(.incarnationSurpassed(other)))
            beginAnew(after: other, at: now, into: &effects)
        case .stop:
            twins.noteQuarrel(at: now)
            phase = .stopped
            outbox = Outbox()
            news = News()
            wants = Wants()
            giveUpReceipts(at: now, into: &effects)
            effects.append(.report(.duplicateIdentity))
            judgeTroubles(at: now, into: &effects)
            republish(at: now, into: &effects)
        }
    }

    /// Takes a fresh incarnation: what it had is signed again under it.
    ///
    /// After a jump of the clock, too: then leases are counted from the new time, and where this
    /// machine is a snapshot brought back to life, it does not go on counting where others have
    /// heard it count already (step 7).
    mutating func beginAnew(
        after other: UInt64 = 0,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard maySign else { return }
        let incarnation = Pen.incarnation(
            after: max(other, pen.incarnation),
            at: wall(at: now),
            chance: UInt32(truncatingIfNeeded: secrets.number(for: "incarnation"))
        )
        // By a clock that was set back by more than a day no greater one would be believed. What is
        // signed goes on counting from where it was.
        guard incarnation > pen.incarnation else {
            effects.append(.report(.clockUnbelievable))
            return
        }
        pen = Pen(key: identity.key, cluster: identity.anchor.cluster, incarnation: incarnation)
        maySign = false
        peers.forgetDemands()
        giveUpReceipts(at: now, into: &effects)
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.signsBeforeSecured) {
            maySign = true; publishRecords(at: now, into: &effects)
        }
        #endif
        effects.append(.secure(incarnation: incarnation))
    }
}
