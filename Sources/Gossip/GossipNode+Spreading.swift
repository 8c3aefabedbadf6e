import Membership
import Registry
import Vocabulary
import Wire

/// Passing on what is new: as it is to a few at once, as an id to the neighbours a little later
/// (gossip design, section 3).
extension GossipNode {
    /// When something that waits is to be sent; nothing waits for anybody who may not sign.
    var spreadingDeadline: Instant {
        guard maySign else { return .never }
        return min(
            min(news.nextDeadline, wordLine.nextDeadline),
            min(wants.nextDeadline, outbox.nextDeadline)
        )
    }

    /// What waits to be sent, and what is waited for.
    package var queueLengths: QueueLengths {
        QueueLengths(news: news.count, frames: outbox.count, wants: wants.count)
    }

    /// Passes a record on, soon.
    mutating func push(
        _ record: Record,
        isRenewal: Bool = false,
        from sender: NodeID?,
        at now: Instant
    ) {
        news.put(record, isRenewal: isRenewal, from: sender, at: now)
    }

    /// Puts what is due into the outbox.
    mutating func spreadNews(at now: Instant) {
        if wordLine.count > 0, isHurried || now >= wordLine.nextDeadline { spreadWords(at: now) }
        if isHurried || now >= news.pushDue { pushBatch(at: now) }
        while isHurried, news.pushDue != .never { pushBatch(at: now) }
        if now >= news.hearsayDue {
            let ids = store.current(news.takeHearsay(at: now))
            for peer in roster.draw(settings.fanOut, using: &random) { tell(ids, to: peer) }
        }
        if now >= news.announcementDue {
            let ids = store.current(news.takeAnnouncements(at: now))
            guard !ids.isEmpty else { return }
            let near = settings.fanOut / 2
            for peer in roster.neighbours(before: near, after: near + 1) { tell(ids, to: peer) }
        }
    }

    /// Sends a few records to a few members: all of them to the same, so that they share
    /// datagrams.
    mutating func pushBatch(at now: Instant) {
        let batch = news.takeBatch(at: now)
        guard !batch.isEmpty else { return }
        // Two more than needed: who sent a record, and whose it is, need it least.
        let peers = roster.draw(settings.fanOut + 2, using: &random)
        for item in batch {
            let author = item.record.author
            for peer in peers.filter({ $0 != item.sender && $0 != author }).prefix(settings.fanOut)
            {
                outbox.put(item.frame, for: peer)
            }
        }
    }

    private mutating func tell(_ ids: [News.Announcement], to peer: NodeID) {
        have(ids.filter { !$0.holders.contains(peer) }.map(\.item), for: peer)
    }

    /// Lets a peer ask for what it lacks of these.
    mutating func have(_ items: [TreeFrame.Item], for peer: NodeID) {
        for start in stride(from: 0, to: items.count, by: Frame.maximumItems) {
            outbox.put(.have(Array(items[start...].prefix(Frame.maximumItems))), for: peer)
        }
    }

    /// Tells a peer whose store differs what came here of late: who missed one record is helped by
    /// its id sooner than by a comparison, and for less.
    mutating func tellLate(to peer: NodeID, at now: Instant) {
        var items: [TreeFrame.Item] = []
        for item in news.idsOfLate(at: now) where store.holds(item) { items.append(item) }
        have(items, for: peer)
    }

    // MARK: Asking

    /// A peer has these: those that are not here are wanted.
    mutating func consider(_ items: [TreeFrame.Item], from peer: NodeID) {
        for item in items {
            if store.supersedes(item) {
                news.note(item, heldBy: peer)
            } else {
                want(item, from: peer)
            }
        }
    }

    /// Asks for what is wanted, of each peer as much as it should send at once.
    mutating func askForWanted(at now: Instant) {
        wants.lookForOverdue(at: now)
        // After nearly every event: then nothing of the node is copied to ask of it.
        guard !wants.isIdle else { return }
        let roster = roster
        let questions = wants.questions(at: now) { peer in
            // A peer that once was slow must not keep us waiting for what nobody has any more.
            roster.roundTrip(to: peer).map { min($0 * 3, $0 + .milliseconds(400)) } ?? .zero
        }
        for (peer, places) in questions {
            let renewals = places.filter(mayBeRenewed)
            if !renewals.isEmpty { outbox.put(.wantRenewals(renewals), for: peer) }
            let others = renewals.isEmpty ? places : places.filter { !renewals.contains($0) }
            if !others.isEmpty { outbox.put(.want(others), for: peer) }
        }
    }

    // MARK: Answering

    /// Sends the records at these places of the tries, as far as they are here.
    mutating func serve(_ places: [UInt64], asRenewals: Bool = false, to peer: NodeID) {
        let isRoomForAll = outbox.put(recordsAt: places, asRenewals: asRenewals, for: peer)
        if !isRoomForAll { outbox.put(.busy(busyTime()), for: peer) }
    }

    /// How long a peer that is turned away should wait, in milliseconds.
    mutating func busyTime() -> UInt16 { UInt16(100 + random.below(200)) }
}

/// How much a node keeps for later.
package struct QueueLengths: Hashable, Sendable {
    /// Records and ids to be passed on.
    package let news: Int
    /// Frames, and records that were asked for, that wait for their turn.
    package let frames: Int
    /// Records that peers have and this node lacks.
    package let wants: Int
}

extension RecordStore {
    /// Those of them whose records are still here.
    fileprivate func current(_ all: [News.Announcement]) -> [News.Announcement] {
        all.filter { holds($0.item) }
    }

    /// Whether this very version is here, in either trie.
    fileprivate func holds(_ item: TreeFrame.Item) -> Bool {
        control.contains(key: item.key) { TreeFrame.Item($0) == item }
            || data.contains(key: item.key) { TreeFrame.Item($0) == item }
    }

    /// Whether a version is here, or one that is later for certain.
    ///
    /// A HEAD's sequence starts anew with each incarnation, so of the control half only equal ones
    /// are certain.
    fileprivate func supersedes(_ item: TreeFrame.Item) -> Bool {
        control.contains(key: item.key) { TreeFrame.Item($0) == item }
            || data.contains(key: item.key) { entry in
                entry.sequence > item.sequence || TreeFrame.Item(entry) == item
            }
    }
}
