package import Sodium

/// A Merkle trie over the keys of records: two stores with equal roots hold the same versions
/// of the same records, and where roots differ a descent finds the difference at a cost that
/// follows the difference (registry design, section 6.1).
///
/// Its shape depends on its content alone. A subtree of at most eight entries is a leaf.
package struct DigestTrie: Sendable {
    /// One version of one record.
    package struct Entry: Hashable, Comparable, Sendable {
        /// `BLAKE2b-64("gv1-key" ‖ kind ‖ author ‖ incarnation ‖ slot)`.
        package let key: UInt64
        package let sequence: UInt64
        package let hash: RecordHash

        package init(key: UInt64, sequence: UInt64, hash: RecordHash) {
            self.key = key
            self.sequence = sequence
            self.hash = hash
        }

        package static func < (left: Entry, right: Entry) -> Bool { left.key < right.key }
    }

    package static let leafCapacity = 8

    private indirect enum Node: Sendable {
        case leaf([Entry], Hash256)
        case branch([Node], count: Int, Hash256)

        var hash: Hash256 {
            switch self {
            case .leaf(_, let hash), .branch(_, _, let hash): hash
            }
        }

        var count: Int {
            switch self {
            case .leaf(let entries, _): entries.count
            case .branch(_, let count, _): count
            }
        }
    }

    private var root: Node

    package init() { root = Self.leaf([]) }

    package var count: Int { root.count }
    package var hash: Hash256 { root.hash }

    /// Adds an entry, in the place of an older one with its key.
    package mutating func insert(_ entry: Entry) { root = Self.inserting(entry, into: root, at: 0) }

    /// Removes the entry with this key, if there is one.
    package mutating func remove(_ key: UInt64) { root = Self.removing(key, from: root, at: 0) }
}

// MARK: - Shape

extension DigestTrie {
    private static func leaf(_ entries: [Entry]) -> Node {
        var writer = ByteWriter()
        writer.write(UInt8(ascii: "L"))
        for entry in entries {
            writer.write(entry.key)
            writer.write(entry.sequence)
            writer.write(entry.hash.bytes)
        }
        return .leaf(entries, BLAKE2b.hash256(writer.bytes))
    }

    /// A branch of these children, or the leaf they fit into.
    private static func node(of children: [Node]) -> Node {
        let count = children.reduce(0) { $0 + $1.count }
        guard count > leafCapacity else { return leaf(children.flatMap(entries)) }
        var writer = ByteWriter()
        writer.write(UInt8(ascii: "N"))
        for child in children { writer.write(child.hash.bytes) }
        return .branch(children, count: count, BLAKE2b.hash256(writer.bytes))
    }

    private static func entries(_ node: Node) -> [Entry] {
        switch node {
        case .leaf(let entries, _): entries
        case .branch(let children, _, _): children.flatMap(entries)
        }
    }

    private static func nibble(_ key: UInt64, _ depth: Int) -> Int {
        Int(key >> UInt64(60 - 4 * depth) & 0xf)
    }

    private static func inserting(_ entry: Entry, into node: Node, at depth: Int) -> Node {
        switch node {
        case .leaf(var entries, _):
            let place = entries.firstIndex { $0.key >= entry.key } ?? entries.endIndex
            if place < entries.endIndex, entries[place].key == entry.key {
                entries[place] = entry
            } else {
                entries.insert(entry, at: place)
            }
            guard entries.count > leafCapacity else { return leaf(entries) }
            return split(entries, at: depth)
        case .branch(var children, _, _):
            let index = nibble(entry.key, depth)
            children[index] = inserting(entry, into: children[index], at: depth + 1)
            return self.node(of: children)
        }
    }

    private static func split(_ entries: [Entry], at depth: Int) -> Node {
        var parts = [[Entry]](repeating: [], count: 16)
        for entry in entries { parts[nibble(entry.key, depth)].append(entry) }
        return node(
            of: parts.map {
                $0.count > leafCapacity ? split($0, at: depth + 1) : leaf($0)
            }
        )
    }

    private static func removing(_ key: UInt64, from node: Node, at depth: Int) -> Node {
        switch node {
        case .leaf(let entries, _):
            guard entries.contains(where: { $0.key == key }) else { return node }
            return leaf(entries.filter { $0.key != key })
        case .branch(var children, _, _):
            let index = nibble(key, depth)
            let before = children[index].hash
            children[index] = removing(key, from: children[index], at: depth + 1)
            return children[index].hash == before ? node : self.node(of: children)
        }
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
    package func entries(under prefix: Prefix) -> [Entry] { Self.entries(node(at: prefix)) }

    /// The hash of the subtree under a prefix.
    ///
    /// Two tries agree on it exactly when they hold the same entries there, whatever else they
    /// hold.
    package func hash(under prefix: Prefix) -> Hash256 { node(at: prefix).hash }

    private func node(at prefix: Prefix) -> Node {
        var node = root
        for nibble in prefix.nibbles {
            switch node {
            case .leaf(let entries, _):
                // Below a leaf the shape is that of a trie of the entries that are left.
                let rest = entries.filter { entry in
                    prefix.nibbles.indices.allSatisfy {
                        Self.nibble(entry.key, $0) == Int(prefix.nibbles[$0])
                    }
                }
                return rest.count == entries.count ? node : Self.leaf(rest)
            case .branch(let children, _, _):
                node = children[Int(nibble)]
            }
        }
        return node
    }
}

extension RecordKey {
    /// Eight bytes that place this record in the trie.
    package var trieKey: UInt64 {
        var writer = ByteWriter()
        writer.write("gv1-key".utf8)
        writer.write(kind.rawValue)
        writer.write(author)
        writer.write(incarnation)
        writer.write(slot)
        return BLAKE2b.hash64(writer.bytes)
    }
}
