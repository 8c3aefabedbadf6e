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
        let living = roster.members.filter { $0.state == .alive || $0.state == .suspect }
        receipts.begin(ticket, members: living.map(\.id), within: patience, at: now)
        tendReceipts(at: now, into: &effects)
    }

    mutating func tendReceipts(at now: Instant, into effects: inout Effects) {
        for (ticket, spread) in receipts.finished(at: now) {
            effects.append(.answer(ticket, .spread(spread)))
        }
        for (member, frame) in receipts.questions(at: now) { outbox.put(frame, for: member) }
    }

    /// Answers where all of these versions, or later ones, are here.
    mutating func answer(_ number: UInt32, _ versions: [Frame.Version], from peer: NodeID) {
        let holdsAll = versions.allSatisfy { version in
            store.records(trieKey: version.key).contains {
                $0.header.sequence >= version.sequence
            }
        }
        if holdsAll { outbox.put(.receipt(number), for: peer) }
    }
}
