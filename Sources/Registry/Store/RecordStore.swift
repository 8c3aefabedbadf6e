import Sodium
package import Vocabulary

/// Every record this node holds: a join-semilattice whose join is "keep the later version, then
/// drop what its author declared dead" (registry design, section 3.3).
///
/// Nobody but an author changes what the store holds of that author, except by the rules D1–D6.
package struct RecordStore: Sendable {
    package let anchor: TrustAnchor
    private(set) var records: [RecordKey: Record] = [:]
    private var keys: [UInt64: RecordKey] = [:]
    private(set) var shelves: [NodeID: AuthorShelf] = [:]
    /// Rising.
    package private(set) var authors: [NodeID] = []
    private var waiting = WaitingRoom()
    /// HEADs, manifests and the cluster's settings.
    package private(set) var control = DigestTrie()
    /// Everything else.
    package private(set) var data = DigestTrie()
    /// Rises with every change of content: whoever remembers it knows whether to look again.
    package private(set) var generation: UInt64 = 0
    private var changed: [RecordKey] = []

    package init(anchor: TrustAnchor) { self.anchor = anchor }

    package var count: Int { control.count + data.count }

    /// What is here of one author; `nil` where its HEAD is not.
    package func shelf(of author: NodeID) -> AuthorShelf? { shelves[author] }

    package subscript(key: RecordKey) -> Record? { records[key] }

    /// The record at a trie key.
    package func record(trieKey: UInt64) -> Record? {
        keys[trieKey].flatMap { records[$0] }
    }

    /// One of the two tries.
    package func trie(_ half: StoreHalf) -> DigestTrie { half == .control ? control : data }

    /// The root-signed settings, once they are known.
    package var settings: ClusterSettings? {
        let key = RecordKey(kind: .cluster, author: NodeID(0), incarnation: 0, slot: 0)
        guard case .cluster(let settings)? = records[key]?.body else { return nil }
        return settings
    }

    /// The author's data records, by rising slot.
    package func records(of author: NodeID) -> [Record] {
        guard let shelf = shelves[author] else { return [] }
        return shelf.slots.compactMap { slot in
            record(of: author, incarnation: shelf.incarnation, slot: slot)
        }
    }

    /// Everything, HEADs and manifests first, by author: what a disk should hold.
    package var snapshot: [Record] {
        records.keys.sorted { left, right in
            (left.kind.isControl ? 0 : 1, left) < (right.kind.isControl ? 0 : 1, right)
        }.compactMap { records[$0] }
    }

    /// What came, went or changed since the last call.
    package mutating func drainChanges() -> StoreChanges {
        defer { changed = [] }
        return StoreChanges(changed)
    }

    /// What is shown of an author now; `nil` where nothing is.
    package func exhibit(of author: NodeID, at now: WallTime) -> Exhibit? {
        guard let shelf = shelves[author], shelf.isVisible(at: now) else { return nil }
        return Exhibit(head: shelf.content, records: records(of: author))
    }

    private func record(of author: NodeID, incarnation: UInt64, slot: UInt32) -> Record? {
        for kind in RecordKind.slotted {
            let key = RecordKey(kind: kind, author: author, incarnation: incarnation, slot: slot)
            if let record = records[key] { return record }
        }
        return nil
    }
}

/// The two halves that are reconciled one after the other.
package enum StoreHalf: UInt8, Hashable, Sendable {
    case control = 0
    case data = 1
}

// MARK: - Acceptance

extension RecordStore {
    /// Takes a record if it is news, true and allowed: everything cheap first, the signature
    /// last, and once (registry design, section 9).
    ///
    /// `now` is the cluster's time, which bounds how far ahead a record may be. `check` is `nil`
    /// for records this node signed itself.
    package mutating func accept(
        _ record: Record,
        at now: WallTime,
        check: SignatureCheck?
    ) -> Acceptance {
        if let refusal = cheapRefusal(of: record, at: now) { return park(record, refusal) }
        if let refusal = contentRefusal(of: record, at: now) { return .refused(refusal) }
        if let check, let refusal = signatureRefusal(of: record, check) { return .refused(refusal) }
        return .stored(released: insert(record, at: now))
    }

    private mutating func park(_ record: Record, _ refusal: Refusal) -> Acceptance {
        if refusal == .waiting { waiting.park(record) }
        return .refused(refusal)
    }
}

// MARK: - Change

extension RecordStore {
    private mutating func insert(_ record: Record, at now: WallTime) -> [Record] {
        let author = record.author
        put(record)
        switch record.body {
        case .head(let head):
            let previous = shelves[author]
            if previous == nil {
                authors.insert(author, at: authors.partitioningIndex { $0 >= author })
            }
            if var shelf = previous, shelf.incarnation == record.header.incarnation {
                let isRecertified = shelf.content.certificate != head.certificate
                shelf.head = record
                shelf.content = head
                shelves[author] = shelf
                sweep(author)
                if isRecertified { sweepForbidden(author, by: head.certificate.content) }
            } else {
                if let previous { discard(slotsOf: previous, author: author) }
                shelves[author] = AuthorShelf(head: record, content: head)
            }
            return waiting.release(author, incarnation: record.header.incarnation)
        case .manifest(let slots):
            shelves[author]?.chunks[UInt16(truncatingIfNeeded: record.header.slot)] = slots
            sweep(author)
        case .declaration, .endpoints, .releases, .retractions:
            shelves[author]?.insert(slot: record.header.slot)
        case .cluster, .revocation, .fault:
            break
        }
        return []
    }

    /// Drops what the author's HEAD and manifests declare dead.
    private mutating func sweep(_ author: NodeID) {
        guard var shelf = shelves[author] else { return }
        for slot in shelf.slots where shelf.kills(slot: slot) {
            drop(slot: slot, of: author, incarnation: shelf.incarnation)
            shelf.remove(slot: slot)
        }
        for chunk in shelf.sortedChunks where chunk < shelf.content.chunkFloor {
            shelf.chunks[chunk] = nil
            drop(chunk: chunk, of: author, incarnation: shelf.incarnation)
        }
        shelves[author] = shelf
    }

    /// Drops what a new certificate of the author no longer allows: a store that saw the
    /// certificate first would not have taken it.
    private mutating func sweepForbidden(_ author: NodeID, by certificate: Certificate.Content) {
        guard var shelf = shelves[author] else { return }
        for record in records(of: author) where certificate.refusal(of: record.body) != nil {
            drop(slot: record.header.slot, of: author, incarnation: shelf.incarnation)
            shelf.remove(slot: record.header.slot)
        }
        shelves[author] = shelf
    }

    /// Forgets the authors whose lease ran out two weeks ago or whose certificate ended (D1, D6).
    ///
    /// - Returns: Who is forgotten, rising.
    package mutating func purge(at now: WallTime) -> [NodeID] {
        let gone = authors.filter { author in
            guard let head = shelves[author]?.content else { return false }
            return Self.isPurged(head, at: now)
                || head.certificate.content.notAfter < now.seconds
        }
        for author in gone {
            guard let shelf = shelves[author] else { continue }
            discard(slotsOf: shelf, author: author)
            take(shelf.head.key)
            shelves[author] = nil
            authors.removeAll { $0 == author }
        }
        return gone
    }

    private mutating func discard(slotsOf shelf: AuthorShelf, author: NodeID) {
        for slot in shelf.slots { drop(slot: slot, of: author, incarnation: shelf.incarnation) }
        for chunk in shelf.sortedChunks {
            drop(chunk: chunk, of: author, incarnation: shelf.incarnation)
        }
    }

    private mutating func drop(slot: UInt32, of author: NodeID, incarnation: UInt64) {
        for kind in RecordKind.slotted {
            take(RecordKey(kind: kind, author: author, incarnation: incarnation, slot: slot))
        }
    }

    private mutating func drop(chunk: UInt16, of author: NodeID, incarnation: UInt64) {
        let slot = UInt32(chunk)
        take(RecordKey(kind: .manifest, author: author, incarnation: incarnation, slot: slot))
    }

    private mutating func put(_ record: Record) {
        let key = record.key
        let trieKey = key.trieKey
        let entry = DigestTrie.Entry(
            key: trieKey,
            sequence: record.header.sequence,
            hash: record.hash
        )
        records[key] = record
        keys[trieKey] = key
        changed.append(key)
        if key.kind.isControl { control.insert(entry) } else { data.insert(entry) }
        generation += 1
    }

    private mutating func take(_ key: RecordKey) {
        guard records.removeValue(forKey: key) != nil else { return }
        let trieKey = key.trieKey
        keys[trieKey] = nil
        changed.append(key)
        if key.kind.isControl { control.remove(trieKey) } else { data.remove(trieKey) }
        generation += 1
    }
}
