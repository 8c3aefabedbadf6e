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
    /// A certificate that was loaded since the bundle was made.
    let certificate: Certificate?
    /// Whose the directory was before, where that was another key under the same name.
    let predecessor: String?

    /// The spaces of the store, as the interpreter writes them.
    static let wishSpace = "wishes"
    static let offerSpace = "offers"
    static let recordSpace = "records"
    static let certificateSpace = "certificate"
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
        let predecessor = try await claim(store, for: bundle)
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
            records: try await store.read(recordSpace).map(\.value),
            certificate: try await store.value(certificateSpace, []).flatMap {
                try? Certificate(decoding: $0)
            },
            predecessor: predecessor
        )
    }

    /// A data directory belongs to one node of one cluster, by name: the first to use it.
    ///
    /// - Returns: The id of the node it was of, where that had another key under the same name.
    private static func claim(_ store: KeyedStore, for bundle: Bundle) async throws -> String? {
        let mine = [
            bundle.anchor.cluster.description, bundle.certificate.content.name,
            bundle.certificate.node.description,
        ]
        let words = try await owner(of: store)
        // Of an earlier program, which did not write the key down.
        guard !words.isEmpty, words != mine else {
            if words.isEmpty { try await write(owner: mine, to: store) }
            return nil
        }
        if words.count >= 2, words[0] == mine[0], words[1] == mine[1] {
            try await write(owner: mine, to: store)
            return words.count == 3 ? words[2] : nil
        }
        guard words.count >= 2 else { return nil }
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
        let owner = try await store.value(space, ownerKey) ?? []
        return String(decoding: owner, as: UTF8.self).split(separator: " ").map(String.init)
    }

    private static func write(owner: [String], to store: KeyedStore) async throws {
        let text = owner.joined(separator: " ")
        try await store.write([.put(space: space, key: ownerKey, value: Array(text.utf8))])
    }
}
