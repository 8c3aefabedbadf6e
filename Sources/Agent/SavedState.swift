import Host
import Registry
import Vocabulary

/// What the data directory holds of a node's earlier runs, as bytes.
struct SavedState: Sendable {
    /// On disk already, and never signed with.
    let incarnation: UInt64
    let wishes: [[UInt8]]
    let offers: [[UInt8]]
    let retractions: [[UInt8]]
    /// Of others, from the snapshot: as many as could be read.
    let records: [Record]
    /// Of others, too: those whose signatures this node checked before it kept them.
    let vouched: [Record]
    /// Small facts that the node keeps about itself, by name.
    let facts: [[UInt8]: [UInt8]]
    /// A certificate that was loaded since the bundle was made.
    let certificate: Certificate?

    /// The spaces of the store, by the names that the node's changes give them.
    static let wishSpace = "wishes"
    static let offerSpace = "offers"
    static let retractionSpace = "retractions"
    static let recordSpace = "records"
    static let trustSpace = "trust"
    static let factSpace = "identity"
    private static let incarnationKey = Array("incarnation".utf8)
    private static let ownerKey = Array("owner".utf8)
    private static let leaseKey = Array("lease".utf8)

    /// The hour in which the last lease ends that this node signed; 0 where none is known.
    var leaseEnd: UInt32 {
        guard let bytes = facts[Self.leaseKey] else { return 0 }
        var reader = ByteReader(bytes)
        guard let hour = try? reader.read(UInt32.self), reader.remaining == 0 else { return 0 }
        return hour
    }

    static func change(incarnation: UInt64) -> KeyedStore.Change {
        var writer = ByteWriter()
        writer.write(incarnation)
        return .put(space: factSpace, key: incarnationKey, value: writer.bytes)
    }

    static func change(record key: [UInt8], to value: [UInt8]?) -> KeyedStore.Change {
        guard let value else { return .remove(space: recordSpace, key: key) }
        return .put(space: recordSpace, key: key, value: value)
    }

    /// Reads the memory of a node and makes its new incarnation durable: only then may anything
    /// be signed (registry design, section 3.5).
    ///
    /// - Throws: `AgentError` where the directory belongs to another node, `StoreError` where
    ///   the disk fails.
    static func load(
        from store: KeyedStore,
        _ snapshot: DisposableStore,
        for bundle: Bundle,
        at now: WallTime,
        journal: Journal
    ) async throws -> SavedState {
        try await claim(store, for: bundle, journal)
        let trusted = try await store.read(trustSpace)
        let saved = try await store.value(factSpace, incarnationKey)
        var last: UInt64 = 0
        if let saved {
            var reader = ByteReader(saved)
            guard let number = try? reader.read(UInt64.self) else {
                throw AgentError(
                    "\(store.path) holds an incarnation of \(saved.count) bytes, not 8: the file "
                        + "is damaged. Move it away and start again; the node gets a new history"
                )
            }
            last = number
        }
        let incarnation = Pen.incarnation(
            after: last,
            at: now,
            chance: UInt32(truncatingIfNeeded: Entropy.number())
        )
        try await store.write([change(incarnation: incarnation)])
        let others = try await records(in: store, snapshot, Voucher(bundle.key), journal)
        return SavedState(
            incarnation: incarnation,
            wishes: try await wishes(in: store, journal),
            offers: try await store.read(offerSpace).map(\.value),
            retractions: try await store.read(retractionSpace).map(\.value),
            records: trusted.filter { !$0.key.isEmpty }
                .compactMap { try? Record(decoding: $0.value) }
                + others.filter { !$0.isVouchedFor }.map(\.record),
            vouched: others.filter(\.isVouchedFor).map(\.record),
            facts: Dictionary(
                try await store.read(factSpace).map { ($0.key, $0.value) },
                uniquingKeysWith: { first, _ in first }
            ),
            certificate: trusted.first { $0.key.isEmpty }.flatMap {
                try? Certificate(decoding: $0.value)
            }
        )
    }

    /// What this node was asked for: where one cannot be understood, its name is told.
    private static func wishes(
        in store: KeyedStore,
        _ journal: Journal
    ) async throws(StoreError) -> [[UInt8]] {
        let rows = try await store.read(wishSpace)
        for row in rows where (try? RecordBody(decoding: row.value, kind: .declaration)) == nil {
            let name = String(decoding: row.key, as: UTF8.self)
            journal.warn(
                "GV2003",
                of: name,
                "\(store.path) holds a wish for service \(name) that this version cannot read. "
                    + "It stays there and does not count: apply the service again"
            )
        }
        return rows.map(\.value)
    }

    /// What others said: whatever is wrong with it is told, and costs no more than a slower start.
    private static func records(
        in store: KeyedStore,
        _ snapshot: DisposableStore,
        _ voucher: Voucher,
        _ journal: Journal
    ) async throws(StoreError) -> [(record: Record, isVouchedFor: Bool)] {
        var records: [(record: Record, isVouchedFor: Bool)] = []
        do {
            let contents = try await snapshot.read(recordSpace)
            var unreadable = contents.garbled
            for row in contents.rows {
                if let record = voucher.open(row.value) {
                    records.append(record)
                } else {
                    unreadable.append(row.key)
                }
            }
            if let damage = contents.damage {
                journal.lag(
                    "snapshot",
                    "\(snapshot.path) was damaged (\(damage)) and is made anew: nothing of it is kept. "
                        + "What this machine declared is in state.sqlite and whole; what others said is "
                        + "learned from peers again (grapevine converged --wait 1m). If this comes again, "
                        + "look at the disk: sudo dmesg --level err,warn"
                )
            } else if !unreadable.isEmpty {
                journal.lag(
                    "snapshot",
                    "\(unreadable.count) of \(records.count + unreadable.count) records in "
                        + "\(snapshot.path) cannot be read and are learned from peers again"
                )
                try await snapshot.write(unreadable.map { change(record: $0, to: nil) })
            }
        } catch {
            // A later version's file is not ours to write to.
            if case .newer = error { throw error }
            journal.lag("snapshot", error.description)
        }
        return try await records + leftovers(in: store, snapshot, journal).map { ($0, false) }
    }

    /// Schema 1 kept what others said beside what is the node's own: it moves to the snapshot.
    private static func leftovers(
        in store: KeyedStore,
        _ snapshot: DisposableStore,
        _ journal: Journal
    ) async throws(StoreError) -> [Record] {
        let rows = try await store.read(recordSpace)
        guard !rows.isEmpty else { return [] }
        do throws(StoreError) {
            try await snapshot.write(rows.map { change(record: $0.key, to: $0.value) })
            try await store.write(rows.map { change(record: $0.key, to: nil) })
        } catch {
            // They stay where they are until the next start.
            journal.lag("snapshot", error.description)
        }
        return rows.compactMap { try? Record(decoding: $0.value) }
    }

    /// A data directory belongs to one node of one cluster, by name: the first to use it.
    private static func claim(
        _ store: KeyedStore,
        for bundle: Bundle,
        _ journal: Journal
    ) async throws {
        let mine = [
            bundle.anchor.cluster.description, bundle.certificate.content.name,
            bundle.certificate.node.description,
        ]
        let words = try await owner(of: store)
        // Two words are of an earlier program, which did not write the key down.
        guard !words.isEmpty, words != mine else {
            if words.isEmpty { try await write(owner: mine, to: store) }
            return
        }
        guard words.count >= 2 else { return }
        if words[0] == mine[0], words[1] == mine[1] {
            if words.count == 3 {
                journal.warn(
                    "GV2041",
                    "this bundle has another key than the one before (\(words[2].prefix(8))): to the "
                        + "others this is another node. What the old one declared stays until its "
                        + "lease ends, up to 72 hours, unless it is revoked. To renew a certificate "
                        + "keeps the key: grapevine trust renew"
                )
            }
            try await write(owner: mine, to: store)
            return
        }
        if words[0] != bundle.anchor.cluster.description {
            throw AgentError(
                "\(store.path) is of cluster \(words[0].prefix(8)), the bundle is for "
                    + "\"\(bundle.clusterName)\" (\(bundle.anchor.cluster.short)). Nothing was "
                    + "changed. Take another --data-dir, or the bundle of that cluster"
            )
        }
        throw AgentError(
            "\(store.path) belongs to node \"\(words[1])\", the bundle is for "
                + "\"\(bundle.certificate.content.name)\". Nothing was changed. Take another "
                + "--data-dir, or the bundle of \"\(words[1])\""
        )
    }

    /// Cluster, name and id of the node that a directory belongs to; none where it is new.
    static func owner(of store: KeyedStore) async throws -> [String] {
        let owner = try await store.value(factSpace, ownerKey) ?? []
        return String(decoding: owner, as: UTF8.self).split(separator: " ").map(String.init)
    }

    private static func write(owner: [String], to store: KeyedStore) async throws {
        let text = owner.joined(separator: " ")
        try await store.write([.put(space: factSpace, key: ownerKey, value: Array(text.utf8))])
    }
}
