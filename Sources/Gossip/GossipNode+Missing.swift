import Registry
import Vocabulary
import Wire

/// Slots that a manifest says live, and whose records are not here.
struct ExpectedSlots: Sendable {
    let author: NodeID
    /// Whose manifest it was, or who passed it on.
    let source: NodeID
    let due: Instant

    /// How many authors are looked after at once; digests find what is beyond it.
    static let maximumCount = 256
}

/// A manifest that names what is not here: just that is asked for (registry design, section 6.3).
extension GossipNode {
    /// Looks after a while whether what a manifest names has come.
    mutating func expectSlots(of author: NodeID, namedBy source: NodeID, at now: Instant) {
        // Whoever has just begun lacks nearly all, and finds it by comparing.
        guard phase == .working, reconciler.bulk == nil,
            expected.count < ExpectedSlots.maximumCount,
            !expected.contains(where: { $0.author == author })
        else { return }
        expected.append(
            ExpectedSlots(author: author, source: source, due: now + settings.slotPatience)
        )
    }

    mutating func askForSlots(at now: Instant) {
        while let first = expected.first, first.due <= now {
            expected.removeFirst()
            guard let shelf = store.shelf(of: first.author) else { continue }
            let slots = shelf.missingSlots(atMost: Frame.maximumSlots).map { slot in
                Frame.Slot(author: first.author, incarnation: shelf.incarnation, slot: slot)
            }
            if !slots.isEmpty { outbox.put(.missing(slots), for: first.source) }
        }
    }

    /// Sends what is in these slots, as far as it is here.
    mutating func serve(_ slots: [Frame.Slot], to peer: NodeID) {
        let kinds: [RecordKind] = [.declaration, .endpoints, .release, .retract]
        var places: [UInt64] = []
        for slot in slots {
            for kind in kinds {
                let key = RecordKey(
                    kind: kind,
                    author: slot.author,
                    incarnation: slot.incarnation,
                    slot: slot.slot
                )
                if store[key] != nil { places.append(key.trieKey) }
            }
        }
        serve(places, to: peer)
    }
}
