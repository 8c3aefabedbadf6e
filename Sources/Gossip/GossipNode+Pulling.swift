import Membership
import Registry
import Vocabulary
import Wire

/// Pulling whole subtrees, and sending them.
extension GossipNode {
    /// Begins with the peer whose digest told how much there is; others are asked whether they
    /// have as much.
    mutating func beginPulling(
        _ half: StoreHalf,
        like digest: StoreDigest,
        from peer: NodeID,
        at now: Instant
    ) {
        var bulk = Bulk(
            half,
            goal: digest.count(of: half),
            salt: secrets.number(for: "salt"),
            roundTrip: roster.roundTrip(to: peer)
        )
        let part = bulk.ask(peer, at: now)
        reconciler.bulk = bulk
        if let part { pull(part, from: peer) }
        for other in roster.draw(settings.bulkLanes + 2, except: peer, using: &random) {
            askForDigest(of: other, at: now)
        }
    }

    /// Lets one more peer send a part, if it has enough.
    mutating func join(_ digest: StoreDigest, of peer: NodeID, at now: Instant) {
        guard var bulk = reconciler.bulk,
            bulk.welcomes(
                peer,
                holding: digest.count(of: bulk.half),
                lanes: settings.bulkLanes
            )
        else { return }
        let part = bulk.ask(peer, at: now)
        reconciler.bulk = bulk
        if let part { pull(part, from: peer) }
    }

    private mutating func pull(_ part: TreeFrame.Part, from peer: NodeID) {
        guard let bulk = reconciler.bulk else { return }
        let frame = TreeFrame(
            salt: bulk.salt,
            half: bulk.half,
            budget: UInt8(settings.reconcileBudget),
            parts: [part]
        )
        outbox.put(.tree(frame), for: peer)
    }

    /// Sends what lies under a prefix from a place on, as much as the budget allows, and says where
    /// to ask on.
    mutating func send(
        _ prefix: DigestTrie.Prefix,
        from start: UInt64,
        asked tree: TreeFrame,
        to peer: NodeID
    ) {
        guard outbox.mayPut(recordsFor: peer) else {
            outbox.put(.busy(busyTime()), for: peer)
            return
        }
        var room = min(Int(tree.budget), settings.reconcileBudget) * Datagram.frameCapacity
        var places: [UInt64] = []
        var next: UInt64?
        // A record is longer than its signature, so there is no room for so many.
        let limit = room / Record.signatureLength + 2
        for entry in store.trie(tree.half).entries(under: prefix, from: start, atMost: limit)
        where entry.key != places.last {
            let length = store.records(trieKey: entry.key).reduce(0) {
                $0 + $1.bytes.count + Frame.headerLength
            }
            room -= length
            guard room >= 0 || places.isEmpty else {
                next = entry.key
                break
            }
            places.append(entry.key)
        }
        guard outbox.put(recordsAt: places, for: peer) else {
            outbox.put(.busy(busyTime()), for: peer)
            return
        }
        let answer = TreeFrame(
            salt: tree.salt,
            half: tree.half,
            budget: UInt8(settings.reconcileBudget),
            parts: [.pulled(prefix, next: next)]
        )
        outbox.put(last: .tree(answer), for: peer)
    }

    /// A peer has sent what it was asked for.
    mutating func take(
        _ prefix: DigestTrie.Prefix,
        next: UInt64?,
        of tree: TreeFrame,
        from peer: NodeID,
        at now: Instant
    ) {
        guard var bulk = reconciler.bulk, bulk.salt == tree.salt else { return }
        let part = bulk.take(prefix, next: next, from: peer, at: now)
        reconciler.bulk = bulk
        if let part { pull(part, from: peer) }
        if bulk.isOver { endPulling(at: now) }
    }

    /// Asks again where nothing came.
    mutating func continuePulling(at now: Instant) {
        guard var bulk = reconciler.bulk else { return }
        let questions = bulk.lookForOverdue(at: now)
        reconciler.bulk = bulk
        for (peer, part) in questions { pull(part, from: peer) }
        if bulk.isOver { endPulling(at: now) }
    }

    /// A peer has no time for it.
    mutating func stopPulling(from peer: NodeID, at now: Instant) {
        guard var bulk = reconciler.bulk else { return }
        bulk.quit(peer)
        reconciler.bulk = bulk
        if bulk.isOver { endPulling(at: now) }
    }

    /// What is still missing is found by comparing.
    private mutating func endPulling(at now: Instant) {
        reconciler.bulk = nil
        guard let peer = reconciler.session?.peer,
            reconciler.step(with: peer, at: now, roundTrip: roster.roundTrip(to: peer))
        else { return }
        askForDigest(of: peer, at: now)
    }
}

extension StoreDigest {
    /// How many records that half has.
    func count(of half: StoreHalf) -> Int {
        Int(half == .control ? controlCount : dataCount)
    }
}

extension RecordStore {
    /// Whether a peer has so much more that all of it is asked for.
    func isFarBehind(_ theirs: StoreDigest, in half: StoreHalf) -> Bool {
        let (mine, count) = (trie(half).count, theirs.count(of: half))
        return mine * 2 < count && count - mine >= 64
    }
}
