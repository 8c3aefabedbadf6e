import Membership
import Registry
import Vocabulary
import Wire

/// Telling those who changed something how far it has come.
extension GossipNode {
    /// Asks all living members whether they hold what this node signed lately; the answer to the
    /// command comes when all do, or when the time is over.
    mutating func confirm(
        _ ticket: Ticket,
        within patience: Duration,
        at now: Instant,
        into effects: inout Effects
    ) {
        // Whoever is asked should have heard of it.
        if maySign, news.pushDue != .never { pushBatch(at: now) }
        let store = store
        receipts.begin(ticket, members: living, within: patience, at: now) { version in
            store.holds(version)
        }
        tendReceipts(at: now, into: &effects)
    }

    mutating func tendReceipts(at now: Instant, into effects: inout Effects) {
        guard !receipts.pending.isEmpty else { return }
        receipts.keepWaiting(for: Set(living))
        answerInquiries(at: now, into: &effects)
        let store = store
        let questions = receipts.questions(at: now) { version in store.holds(version) }
        for (member, frame) in questions { outbox.put(frame, for: member) }
        // What was asked for may be in force no more, and then nobody is asked.
        answerInquiries(at: now, into: &effects)
    }

    /// Answers at once with what is known: from now on this node signs as another start, or not
    /// at all.
    mutating func giveUpReceipts(at now: Instant, into effects: inout Effects) {
        receipts.giveUp(at: now)
        answerInquiries(at: now, into: &effects)
    }

    private mutating func answerInquiries(at now: Instant, into effects: inout Effects) {
        for (ticket, spread) in receipts.finished(at: now) {
            effects.append(.answer(ticket, .spread(spread)))
        }
    }

    private var living: [NodeID] { Array(roster.presentNames) }

    /// Answers where all of these versions, or later ones, are here.
    mutating func answer(_ number: UInt32, _ versions: [Frame.Version], from peer: NodeID) {
        let store = store
        let holdsAll = versions.allSatisfy { version in store.holds(version) }
        if holdsAll { outbox.put(.receipt(number), for: peer) }
    }
}

extension RecordStore {
    /// Whether this version of a record, or a later one, is here.
    fileprivate func holds(_ version: Frame.Version) -> Bool {
        records(trieKey: version.key).contains { $0.header.sequence >= version.sequence }
    }
}
