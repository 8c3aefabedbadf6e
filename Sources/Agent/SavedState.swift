import Host
import Registry
import Vocabulary

/// What the data directory holds of a node's earlier runs, as bytes.
struct SavedState: Sendable {
    /// On disk already, and never signed with.
    let incarnation: UInt64
    let wishes: [[UInt8]]
    let offers: [[UInt8]]
    let records: [[UInt8]]

    /// The spaces of the store, as the interpreter writes them.
    static let wishSpace = "wishes"
    static let offerSpace = "offers"
    static let recordSpace = "records"
    private static let space = "identity"
    private static let incarnationKey = Array("incarnation".utf8)
    private static let ownerKey = Array("owner".utf8)

    static func change(incarnation: UInt64) -> KeyedStore.Change {
        var writer = ByteWriter()
        writer.write(incarnation)
        return .put(space: space, key: incarnationKey, value: writer.bytes)
    }

    /// Reads the memory of a node and makes its new incarnation durable: only then may anything
    /// be signed (registry design, section 3.5).
    ///
    /// - Throws: `AgentError` where the directory belongs to another node, `StoreError` where
    ///   the disk fails.
    static func load(
        from store: KeyedStore,
        for bundle: Bundle,
        at now: WallTime
    ) async throws -> SavedState {
        try await claim(store, for: bundle)
        let saved = try await store.value(space, incarnationKey)
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
        return SavedState(
            incarnation: incarnation,
            wishes: try await store.read(wishSpace).map(\.value),
            offers: try await store.read(offerSpace).map(\.value),
            records: try await store.read(recordSpace).map(\.value)
        )
    }

    /// A data directory belongs to one node of one cluster, by name: the first to use it.
    private static func claim(_ store: KeyedStore, for bundle: Bundle) async throws {
        let mine = "\(bundle.anchor.cluster) \(bundle.certificate.content.name)"
        guard let owner = try await store.value(space, ownerKey) else {
            try await store.write([.put(space: space, key: ownerKey, value: Array(mine.utf8))])
            return
        }
        let words = String(decoding: owner, as: UTF8.self).split(separator: " ")
        guard words.count == 2, String(decoding: owner, as: UTF8.self) != mine else { return }
        if words[0] != bundle.anchor.cluster.description {
            throw AgentError(
                "\(store.path) is of cluster \(words[0].prefix(8)), the bundle is for "
                    + "\"\(bundle.settings.name)\" (\(bundle.anchor.cluster.short)). Nothing was "
                    + "changed. Take another --data-dir, or the bundle of that cluster"
            )
        }
        throw AgentError(
            "\(store.path) belongs to node \"\(words[1])\", the bundle is for "
                + "\"\(bundle.certificate.content.name)\". Nothing was changed. Take another "
                + "--data-dir, or the bundle of \"\(words[1])\""
        )
    }
}
