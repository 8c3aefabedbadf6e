import Sodium
package import Vocabulary

/// Every record this node holds: a join-semilattice whose join is "keep the later version, then
/// drop what its author declared dead" (registry design, section 3.3).
///
/// Nobody but an author changes what the store holds of that author, except by the rules D1–D6.
package struct RecordStore: Sendable {
    package let anchor: TrustAnchor
    /// Rising.
    package internal(set) var authors: [NodeID] = []
    /// HEADs, manifests, the cluster's settings, revocations and proofs.
    package internal(set) var control = DigestTrie()
    /// Everything else.
    package internal(set) var data = DigestTrie()
    /// How many records are in both.
    package internal(set) var census = RecordCensus()
    /// The root-signed settings, once they are known.
    package internal(set) var settings: ClusterSettings?
    /// Rises with every change of content: whoever remembers it knows whether to look again.
    package internal(set) var generation: UInt64 = 0
    /// What leases are judged by, where that is not the time of the call: a clock that jumped is
    /// not believed at once (registry design, section 3.6).
    package var leaseTime: WallTime?

    var shelves = NodeMap<AuthorShelf>()
    var verdicts = Verdicts()
    var shadows = Shadows()
    var waiting = WaitingRoom()
    var changed: [RecordKey] = []
    var touched: [NodeID] = []
    /// The certificate that was looked into last, and in which HEAD: an author's records come
    /// together.
    var lastCertificate: (head: RecordStorage, content: Certificate.Content)?
    /// Before this moment nobody is old enough to be forgotten.
    var purgeDue = WallTime(milliseconds: .max)
    private var clusterRecord: RecordStorage?

    /// What it has in common with other stores of this process, in a simulation.
    let sharing: StoreSharing?

    package init(anchor: TrustAnchor, sharing: StoreSharing? = nil) {
        self.anchor = anchor
        self.sharing = sharing
    }

    package var count: Int { control.count + data.count }

    /// What is here of one author; `nil` where its HEAD is not.
    package func shelf(of author: NodeID) -> AuthorShelf? { shelves[author] }

    /// Whether this is the HEAD of an author; asked for each packet.
    package func isHead(_ hash: RecordHash, of author: NodeID) -> Bool {
        shelves.read(author) { $0.head.hash == hash } ?? false
    }

    /// The author's data records, by rising slot.
    package func records(of author: NodeID) -> [Record] { shelves[author]?.records ?? [] }

    package subscript(key: RecordKey) -> Record? {
        let found: RecordStorage? =
            switch key.kind {
            case .cluster: clusterRecord
            case .revoke: verdicts.revocation(of: key.author)
            case .fault: verdicts.proof(against: key.author, key.incarnation)
            case .head: shelves[key.author]?.head.storage
            case .manifest: shelf(key).flatMap { $0[chunk: key.slot] }
            case .declaration, .endpoints, .release, .retract:
                shelf(key).flatMap { $0[slot: key.slot] }
            }
        guard let found, found.kind == key.kind else { return nil }
        return Record(found)
    }

    private func shelf(_ key: RecordKey) -> AuthorShelf? {
        guard let shelf = shelves[key.author], shelf.incarnation == key.incarnation else {
            return nil
        }
        return shelf
    }

    /// The records at a trie key: hardly ever more than one.
    package func records(trieKey: UInt64) -> [Record] {
        (control.entries(forKey: trieKey) + data.entries(forKey: trieKey)).compactMap(\.record)
    }

    /// One of the two tries.
    package func trie(_ half: StoreHalf) -> DigestTrie { half == .control ? control : data }

    /// Everything, the cluster's own records, then HEADs and manifests first, by author: what a
    /// disk should hold.
    package var snapshot: [Record] {
        func sorted(_ half: DigestTrie) -> [Record] {
            half.entries(under: .root).compactMap(\.record).map { (key: $0.key, record: $0) }
                .sorted { $0.key < $1.key }.map(\.record)
        }
        return sorted(control) + sorted(data)
    }

    /// What came, went or changed since the last call.
    package mutating func drainChanges() -> StoreChanges {
        settle()
        defer {
            changed = []
            touched = []
        }
        return StoreChanges(changed, authors: touched)
    }

    /// Keeps the hashes of all that changed, so that nobody who asks for a digest makes them anew.
    package mutating func settle() {
        control.settle(sharing?.tries)
        data.settle(sharing?.tries)
    }

    mutating func setCluster(_ record: RecordStorage, _ settings: ClusterSettings) {
        clusterRecord = record
        self.settings = settings
    }
}

/// The two halves that are reconciled one after the other.
package enum StoreHalf: UInt8, Hashable, Sendable {
    case control = 0
    case data = 1
}

extension DigestTrie.Entry {
    /// The record this entry stands for; only a store's own entries have one.
    var record: Record? { (version as? RecordStorage).map { Record($0) } }
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
        if let refusal = cheapRefusal(of: record, at: now) {
            if refusal == .waiting { waiting.park(record, at: now) }
            return .refused(refusal)
        }
        let body = record.body
        if let refusal = contentRefusal(of: record, body, at: now) { return .refused(refusal) }
        if let check, let refusal = signatureRefusal(of: record, body, check) {
            return .refused(refusal)
        }
        if let proof = proof(against: record) {
            insert(proof, proof.body, at: now)
            return .exposed(proof)
        }
        // It was only looked into because it seemed to prove something.
        if isOlder(record) { return .refused(.older) }
        return .stored(released: insert(record, body, at: now))
    }

    /// What this record and one that is here prove against their author.
    private func proof(against record: Record) -> Record? {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.seesNoEquivocation) { return nil }
        #endif
        guard record.header.kind.isNumbered, let shelf = shelves[record.author],
            shelf.incarnation == record.header.incarnation,
            let other = shelf.contradiction(of: record.storage)
        else { return nil }
        return FaultProof(record, Record(other), by: shelf.content.certificate).flatMap(Record.init)
    }
}
