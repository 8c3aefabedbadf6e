import Membership
import Registry
import Vocabulary
import Wire

/// Finding and mending differences between two stores (registry design, section 6).
extension GossipNode {
    mutating func myDigest(at now: Instant) -> StoreDigest {
        let hour = wall(at: now).hour
        if let latest = latestDigest, latest.generation == store.generation,
            latest.digest.hour == hour
        {
            return latest.digest
        }
        store.settle()
        let digest = StoreDigest(of: store, at: wall(at: now))
        latestDigest = (store.generation, digest)
        return digest
    }

    /// Asks a peer where its store stands, without waiting for the next probe.
    mutating func askForDigest(of peer: NodeID, at now: Instant) {
        outbox.put(.digest(myDigest(at: now), wantsAnswer: true), for: peer)
    }

    /// Compares a digest that came with a probe.
    mutating func compare(
        _ digest: StoreDigest,
        of peer: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.reconcilesNothing) { return }
        #endif
        guard let half = difference(from: digest, of: peer, at: now) else { return }
        if phase == .working { tellLate(to: peer, at: now) }
        if reconciler.bulk != nil { return join(digest, of: peer, at: now) }
        let isNewcomer = phase == .joining
        guard
            reconciler.shouldBegin(
                with: peer,
                asNewcomer: isNewcomer,
                at: now,
                settings: settings
            )
        else { return }
        let rest = settings.reconcileGap + random.duration(below: settings.reconcileGap)
        reconciler.begin(
            with: peer,
            at: now,
            rounds: settings.reconcileRounds,
            roundTrip: roster.roundTrip(to: peer),
            rest: isNewcomer ? rest / 10 : rest
        )
        effects.append(.report(.reconciling(peer, half)))
        beginStep(half, digest, with: peer, at: now)
    }

    /// Compares a digest that was asked for: goes on where a reconciliation is under way.
    mutating func follow(
        _ digest: StoreDigest,
        of peer: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard reconciler.session?.peer == peer, reconciler.bulk == nil else {
            return compare(digest, of: peer, at: now, into: &effects)
        }
        guard let half = difference(from: digest, of: peer, at: now) else { return }
        if reconciler.step(with: peer, at: now, roundTrip: roster.roundTrip(to: peer)) {
            beginStep(half, digest, with: peer, at: now)
        }
    }

    /// Control comes before data; where nearly all of control is here, data need not wait until
    /// the rest of it comes to rest.
    private mutating func beginStep(
        _ half: StoreHalf,
        _ digest: StoreDigest,
        with peer: NodeID,
        at now: Instant
    ) {
        if store.isFarBehind(digest, in: half) {
            return beginPulling(half, like: digest, from: peer, at: now)
        }
        showOverview(of: half, to: peer)
        let theirs = digest.count(of: .control)
        guard half == .control, store.control.count * 10 >= theirs * 9,
            myDigest(at: now).dataRoot != digest.dataRoot
        else { return }
        if store.isFarBehind(digest, in: .data) {
            return beginPulling(.data, like: digest, from: peer, at: now)
        }
        showOverview(of: .data, to: peer)
    }

    private mutating func difference(
        from digest: StoreDigest,
        of peer: NodeID,
        at now: Instant
    ) -> StoreHalf? {
        let mine = myDigest(at: now)
        // In another hour other leases count: no difference that could be mended.
        guard mine.hour == digest.hour else {
            note(peer, agrees: nil, at: now)
            return nil
        }
        clock.agreeOnHour(at: now)
        let difference = mine.difference(from: digest)
        note(peer, agrees: difference == nil, at: now)
        guard let half = difference else {
            reconciler.agree(with: peer)
            receipts.agree(with: peer, at: now)
            if phase != .working { beginWork(at: now) }
            return nil
        }
        return half
    }

    /// Asks again: either all is equal now, or the next step begins with fresh salt.
    mutating func continueReconciliation(at now: Instant, into effects: inout Effects) {
        guard !reconciler.endOverdue(at: now) else { return }
        guard reconciler.bulk == nil else { return continuePulling(at: now) }
        guard let peer = reconciler.session?.peer else { return }
        let roundTrip = roster.roundTrip(to: peer)
        guard !wants.isWaiting(for: peer) else {
            return reconciler.progress(with: peer, at: now, roundTrip: roundTrip)
        }
        if reconciler.step(with: peer, at: now, roundTrip: roundTrip) {
            askForDigest(of: peer, at: now)
        }
    }

    /// Something of a reconciliation came from a peer.
    mutating func noteProgress(with peer: NodeID, at now: Instant) {
        reconciler.bulk?.progress(with: peer, at: now)
        guard reconciler.session?.peer == peer else { return }
        reconciler.progress(with: peer, at: now, roundTrip: roster.roundTrip(to: peer))
    }

    /// A peer serves too many others now.
    mutating func giveWay(to peer: NodeID, for time: Duration, at now: Instant) {
        stopPulling(from: peer, at: now)
        let jitter = random.duration(below: time)
        reconciler.giveWay(to: peer, until: now + time + jitter)
    }

    private mutating func showOverview(of half: StoreHalf, to peer: NodeID) {
        let salt = secrets.number(for: "salt")
        let trie = store.trie(half)
        let digests = (0..<TreeFrame.overviewCount).map { index -> UInt64 in
            let prefix = DigestTrie.Prefix([UInt8(index >> 4), UInt8(index & 0xf)]) ?? .root
            return TreeFrame.digest(trie.hash(under: prefix), salt: salt, bytes: 5)
        }
        let frame = TreeFrame(
            salt: salt,
            half: half,
            budget: UInt8(settings.reconcileBudget),
            parts: [.overview(digests)]
        )
        outbox.put(.tree(frame), for: peer)
    }

    /// Answers a step: shows what differs one level deeper, and sends and asks for records where
    /// the peer has listed all it has.
    ///
    /// Remembers nothing but that the peer is being answered.
    mutating func answer(_ tree: TreeFrame, from peer: NodeID, at now: Instant) {
        noteProgress(with: peer, at: now)
        let isAnswer = tree.parts.allSatisfy { if case .pulled = $0 { true } else { false } }
        guard
            isAnswer || reconciler.mayServe(peer, at: now, limit: settings.reconcileGuests)
        else {
            outbox.put(.busy(busyTime()), for: peer)
            return
        }
        let trie = store.trie(tree.half)
        let budget = min(Int(tree.budget), settings.reconcileBudget)
        var shown: [TreeFrame.Part] = []
        var given: [TreeFrame.Item] = []
        func show(_ prefix: DigestTrie.Prefix) {
            if trie.count(under: prefix) <= DigestTrie.leafCapacity {
                let items = trie.entries(under: prefix).map(TreeFrame.Item.init)
                shown.append(.listing(prefix, items))
            } else {
                let digests = children(of: prefix).map {
                    TreeFrame.digest(trie.hash(under: $0), salt: tree.salt, bytes: 8)
                }
                shown.append(.children(prefix, digests))
            }
        }
        for part in tree.parts {
            switch part {
            case .overview(let theirs):
                for (index, digest) in theirs.enumerated() {
                    let nibbles = [UInt8(index >> 4), UInt8(index & 0xf)]
                    guard let prefix = DigestTrie.Prefix(nibbles) else { continue }
                    let mine = TreeFrame.digest(trie.hash(under: prefix), salt: tree.salt, bytes: 5)
                    if mine != digest { show(prefix) }
                }
            case .children(let prefix, let theirs):
                // Where I have few, one listing says it all.
                guard trie.count(under: prefix) > DigestTrie.leafCapacity else {
                    show(prefix)
                    continue
                }
                for (child, digest) in zip(children(of: prefix), theirs) {
                    let mine = TreeFrame.digest(trie.hash(under: child), salt: tree.salt, bytes: 8)
                    if mine != digest { show(child) }
                }
            case .listing(let prefix, let items):
                given += settle(
                    prefix,
                    items,
                    in: tree.half,
                    with: peer,
                    atMost: budget * Frame.maximumItems - given.count
                )
            case .pull(let prefix, let place):
                send(prefix, from: place, asked: tree, to: peer)
            case .pulled(let prefix, let next):
                take(prefix, next: next, of: tree, from: peer, at: now)
            }
        }
        put(shown, salt: tree.salt, half: tree.half, budget: budget, for: peer)
        have(given, for: peer)
    }

    private func children(of prefix: DigestTrie.Prefix) -> [DigestTrie.Prefix] {
        (0..<TreeFrame.childCount).compactMap(prefix.child)
    }

    /// Compares what the peer has under a prefix with what is here: what is later there is wanted.
    ///
    /// - Returns: What is later here, as far as there is room; the peer may ask for it. What else
    ///   there is the next step finds.
    private mutating func settle(
        _ prefix: DigestTrie.Prefix,
        _ theirs: [TreeFrame.Item],
        in half: StoreHalf,
        with peer: NodeID,
        atMost room: Int
    ) -> [TreeFrame.Item] {
        guard room > 0 else { return [] }
        let trie = store.trie(half)
        var given = trie.entries(under: prefix, from: 0, atMost: room).map(TreeFrame.Item.init)
            .filter { item in !theirs.contains { $0.key == item.key } }
        for item in theirs {
            let mine = trie.entries(forKey: item.key).map(TreeFrame.Item.init)
            guard !mine.contains(item) else { continue }
            guard let own = mine.first else {
                want(item, from: peer)
                continue
            }
            // A HEAD's sequence starts anew with each incarnation, so sequences alone do not
            // tell which HEAD is later: both sides show theirs.
            if half == .control || own.sequence >= item.sequence { given.append(own) }
            if half == .control || own.sequence <= item.sequence {
                want(item, from: peer)
            }
        }
        return given
    }

    /// Packs parts into frames, as many as the budget of datagrams allows.
    private mutating func put(
        _ parts: [TreeFrame.Part],
        salt: UInt64,
        half: StoreHalf,
        budget: Int,
        for peer: NodeID
    ) {
        var rest = parts[...]
        for _ in 0..<budget where !rest.isEmpty {
            // Type, length, salt, half, budget and the count of parts.
            var room = Datagram.frameCapacity - Frame.headerLength - 11
            let fitting = rest.prefix { part in
                room -= part.encodedLength
                return room >= 0
            }.prefix(255)
            let frame = TreeFrame(
                salt: salt,
                half: half,
                budget: UInt8(settings.reconcileBudget),
                parts: Array(fitting)
            )
            outbox.put(.tree(frame), for: peer)
            rest = rest.dropFirst(fitting.count)
        }
    }

    /// The first agreement with somebody: from now on the table follows the view.
    mutating func beginWork(at now: Instant) {
        if phase == .joining {
            // What came into sight until now is no news, though no view was made of it yet.
            refreshIndex(at: now)
            addressChanges.removeAll { $0.reason == .assigned }
        }
        phase = .working
        staleView(at: now)
    }
}
