import Registry
import Vocabulary
import Wire

/// HEADs that were signed again, told by what is new in them: after a partition there is one of
/// each member.
extension GossipNode {
    /// Places whose HEADs must come whole, at once.
    private static let maximumBaseless = 1024

    /// Makes the whole HEAD of its renewal and the one that is here, or asks for it.
    mutating func takeRenewal(
        _ head: RenewedHead,
        from sender: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        if !head.isNews { noteProgress(with: sender, at: now) }
        let place = head.item.key
        guard !store.trie(.control).contains(key: place, where: { TreeFrame.Item($0) == head.item })
        else { return wants.arrived(place) }
        if let earlier = store.head(at: place), let record = head.record(after: earlier, by: reader)
        {
            offer(record, from: sender, isNews: head.isNews, at: now, into: &effects)
        } else {
            wants.arrived(place)
            wantWhole(place, from: sender)
        }
    }

    /// Lets a version be asked for that a peer has and this node lacks.
    mutating func want(_ item: TreeFrame.Item, from peer: NodeID) {
        // A HEAD counts from 1 again with each start: then the one here is no base for it.
        if let earlier = store.head(at: item.key), earlier.header.sequence >= item.sequence {
            wantWhole(item.key, from: peer)
        } else {
            wants.want(item.key, from: peer)
        }
    }

    private mutating func wantWhole(_ place: UInt64, from peer: NodeID) {
        if baseless.count >= Self.maximumBaseless { baseless = [] }
        baseless.insert(place)
        wants.want(place, from: peer)
    }

    /// Whether what is new in the HEAD at this place may be all that is lacking.
    func mayBeRenewed(_ place: UInt64) -> Bool {
        !baseless.contains(place) && store.head(at: place) != nil
    }
}

extension RecordStore {
    /// The HEAD at a place of its trie.
    fileprivate func head(at place: UInt64) -> Record? {
        guard trie(.control).contains(key: place, where: { _ in true }) else { return nil }
        return records(trieKey: place).first { $0.header.kind == .head }
    }
}
