package import Sodium
import Vocabulary

/// A Merkle trie over the keys of records: two stores with equal roots hold the same versions
/// of the same records, and where roots differ a descent finds the difference at a cost that
/// follows the difference (registry design, section 6.1).
///
/// Its shape depends on its content alone. A subtree of at most eight entries is a leaf. Hashes
/// are made by `settle`, so that a thousand records that come together cost each branch one hash
/// and not a thousand; before it they are right, and made anew for everybody who asks.
package struct DigestTrie: Sendable {
    /// One version of one record.
    package struct Entry: Hashable, Comparable, Sendable {
        /// `BLAKE2b-64("gv1-key" ‖ kind ‖ author ‖ incarnation ‖ slot)`.
        package let key: UInt64
        let version: VersionTag

        package init(key: UInt64, sequence: UInt64, hash: RecordHash) {
            self.key = key
            version = VersionTag(sequence: sequence, hash: hash)
        }

        init(key: UInt64, version: VersionTag) {
            self.key = key
            self.version = version
        }

        package var sequence: UInt64 { version.sequence }
        package var hash: RecordHash { version.hash }

        /// By key; two records whose keys fall together stand side by side.
        package static func < (left: Entry, right: Entry) -> Bool {
            // The hash lies elsewhere in memory, and is hardly ever asked for.
            left.key == right.key ? left.hash < right.hash : left.key < right.key
        }

        package static func == (left: Entry, right: Entry) -> Bool {
            left.key == right.key && left.sequence == right.sequence && left.hash == right.hash
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(hash)
        }
    }

    package static let leafCapacity = 8
    /// Nibbles of a key: a subtree of one key cannot be split further.
    private static let maximumDepth = 16

    private var root = DigestTrieNode()

    package init() {}

    package var count: Int { root.count }
    package var hash: Hash256 { root.hash }

    /// Adds an entry beside all others.
    package mutating func insert(_ entry: Entry) {
        own(&root)
        Self.insert(entry, into: root, at: 0)
    }

    /// Removes the entry with this key and hash, if there is one.
    package mutating func remove(_ key: UInt64, hash: RecordHash) {
        guard entries(forKey: key).contains(where: { $0.hash == hash }) else { return }
        own(&root)
        Self.remove(key, hash, from: root, at: 0)
    }

    /// Keeps the hashes of all that changed.
    package mutating func settle() { settle(nil) }

    /// The same, and holds in common with other tries what is equal to a part of them.
    mutating func settle(_ sharing: TrieSharing?) {
        guard root.isStale else { return }
        own(&root)
        root.settle(sharing)
        if let sharing { root = sharing.node(root) }
    }

    /// The entries with this very key: hardly ever more than one.
    package func entries(forKey key: UInt64) -> [Entry] {
        var found: [Entry] = []
        root.visit(key, at: 0) { if $0.key == key { found.append($0) } }
        return found
    }

    /// Whether an entry with this very key meets a condition: asked for each id that others tell,
    /// so nothing is gathered for it.
    package func contains(key: UInt64, where isMeant: (Entry) -> Bool) -> Bool {
        var isThere = false
        root.visit(key, at: 0) { entry in
            if !isThere, entry.key == key { isThere = isMeant(entry) }
        }
        return isThere
    }
}

/// Which version of a record an entry stands for; the store's own records are such.
package class VersionTag: @unchecked Sendable {
    package final let sequence: UInt64
    package final let hash: RecordHash

    init(sequence: UInt64, hash: RecordHash) {
        self.sequence = sequence
        self.hash = hash
    }
}

// MARK: - Shape

extension DigestTrie {
    private static func nibble(_ key: UInt64, _ depth: Int) -> Int {
        Int(key >> UInt64(60 - 4 * depth) & 0xf)
    }

    fileprivate static func insert(_ entry: Entry, into node: DigestTrieNode, at depth: Int) {
        node.touch()
        node.count += 1
        guard node.isLeaf else {
            let index = nibble(entry.key, depth)
            own(&node.children[index])
            return insert(entry, into: node.children[index], at: depth + 1)
        }
        node.entries.insert(entry, at: node.entries.partitioningIndex { $0 > entry })
        if node.count > leafCapacity, depth < maximumDepth { split(node, at: depth) }
    }

    private static func split(_ node: DigestTrieNode, at depth: Int) {
        var parts = [[Entry]](repeating: [], count: 16)
        for entry in node.entries { parts[nibble(entry.key, depth)].append(entry) }
        node.children = parts.map { part in
            guard !part.isEmpty else { return .empty }
            let child = DigestTrieNode(entries: part, count: part.count)
            if part.count > leafCapacity, depth + 1 < maximumDepth { split(child, at: depth + 1) }
            return child
        }
        node.entries = []
    }

    private static func remove(
        _ key: UInt64,
        _ hash: RecordHash,
        from node: DigestTrieNode,
        at depth: Int
    ) {
        node.touch()
        node.count -= 1
        guard !node.isLeaf else {
            node.entries.removeAll { $0.key == key && $0.hash == hash }
            return
        }
        guard node.count > leafCapacity else {
            let rest = node.all.filter { !($0.key == key && $0.hash == hash) }
            node.children = []
            node.entries = rest
            return
        }
        let index = nibble(key, depth)
        own(&node.children[index])
        remove(key, hash, from: node.children[index], at: depth + 1)
    }
}

// MARK: - Descent

extension DigestTrie {
    /// The leading nibbles that the keys of a subtree share; 0...16 of them.
    package struct Prefix: Hashable, Comparable, Sendable {
        package let nibbles: [UInt8]

        package static let root = Prefix(nibbles: [])

        private init(nibbles: [UInt8]) { self.nibbles = nibbles }

        /// - Returns: `nil` for more than 16 of them, or one above 15.
        package init?(_ nibbles: [UInt8]) {
            guard nibbles.count <= 16, nibbles.allSatisfy({ $0 < 16 }) else { return nil }
            self.nibbles = nibbles
        }

        /// The prefix of one of the sixteen subtrees below, or `nil` at the bottom.
        package func child(_ index: Int) -> Prefix? { Prefix(nibbles + [UInt8(index)]) }

        package static func < (left: Prefix, right: Prefix) -> Bool {
            left.nibbles.lexicographicallyPrecedes(right.nibbles)
        }
    }

    /// How many entries lie under a prefix.
    package func count(under prefix: Prefix) -> Int { node(at: prefix).count }

    /// The entries under a prefix, by rising key.
    package func entries(under prefix: Prefix) -> [Entry] { node(at: prefix).all }

    /// The first entries under a prefix whose keys are not below a place, by rising key: what
    /// others ask for must not cost a look at everything.
    package func entries(
        under prefix: Prefix,
        from start: UInt64,
        atMost limit: Int
    ) -> [Entry] {
        var first: UInt64 = 0
        for nibble in prefix.nibbles { first = first << 4 | UInt64(nibble) }
        let free = UInt64(64 - 4 * prefix.nibbles.count)
        let last = free == 64 ? .max : first << free | ((1 << free) - 1)
        guard start <= last else { return [] }
        var found: [Entry] = []
        node(at: prefix).gather(
            from: max(start, free == 64 ? 0 : first << free),
            at: prefix.nibbles.count,
            atMost: limit,
            into: &found
        )
        return found
    }

    /// The hash of the subtree under a prefix.
    ///
    /// Two tries agree on it exactly when they hold the same entries there, whatever else they
    /// hold.
    package func hash(under prefix: Prefix) -> Hash256 { node(at: prefix).hash }

    private func node(at prefix: Prefix) -> DigestTrieNode {
        var node = root
        for nibble in prefix.nibbles {
            guard !node.isLeaf else {
                // Below a leaf the shape is that of a trie of the entries that are left.
                let rest = node.entries.filter { entry in
                    prefix.nibbles.indices.allSatisfy {
                        Self.nibble(entry.key, $0) == Int(prefix.nibbles[$0])
                    }
                }
                return rest.count == node.count
                    ? node : DigestTrieNode(entries: rest, count: rest.count)
            }
            node = node.children[Int(nibble)]
        }
        return node
    }
}

extension RecordKey {
    /// Eight bytes that place this record in the trie.
    package var trieKey: UInt64 {
        var writer = ByteWriter(capacity: 36)
        writer.write("gv1-key".utf8)
        writer.write(kind.rawValue)
        writer.write(author)
        writer.write(incarnation)
        writer.write(slot)
        return BLAKE2b.hash64(writer.bytes)
    }
}
