import Sodium
import Vocabulary

/// A subtree: a leaf, or a branch of sixteen.
///
/// Shared between copies of a trie until one of them changes it.
final class DigestTrieNode: @unchecked Sendable {
    /// Of a leaf, rising; empty in a branch.
    var entries: [DigestTrie.Entry]
    /// Of a branch; empty in a leaf.
    var children: [DigestTrieNode]
    var count: Int
    private var known: Hash256?

    init(entries: [DigestTrie.Entry] = [], children: [DigestTrieNode] = [], count: Int = 0) {
        self.entries = entries
        self.children = children
        self.count = count
    }

    /// An empty leaf, in whose place stands another one as soon as something comes into it.
    static let empty: DigestTrieNode = {
        let node = DigestTrieNode()
        node.settle()
        return node
    }()

    func copy() -> DigestTrieNode {
        let copy = DigestTrieNode(entries: entries, children: children, count: count)
        copy.known = known
        return copy
    }

    var isLeaf: Bool { children.isEmpty }
    var isStale: Bool { known == nil }

    func touch() { known = nil }

    var hash: Hash256 { known ?? made }

    private var made: Hash256 {
        // Sizes are known, so that a hash costs no array.
        let length = 1 + (isLeaf ? entries.count * 48 : children.count * 32)
        return withUnsafeTemporaryAllocation(byteCount: length, alignment: 16) { buffer in
            var place = 1
            func put(_ number: some FixedWidthInteger & BitwiseCopyable) {
                buffer.storeBytes(of: number.bigEndian, toByteOffset: place, as: type(of: number))
                place += number.bitWidth / 8
            }
            buffer[0] = UInt8(ascii: isLeaf ? "L" : "N")
            for entry in entries {
                put(entry.key)
                #if GRAPEVINE_MUTANTS
                if Mutation.isActive(.digestIgnoresVersions) {
                    for _ in 0..<5 { put(UInt64(0)) }
                    continue
                }
                #endif
                put(entry.sequence)
                let (first, second) = entry.hash.numbers
                put(first)
                put(second)
            }
            for child in children {
                let (first, second) = child.hash.numbers
                put(first)
                put(second)
            }
            return BLAKE2b.hash256(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Keeps the hash of this subtree, which nobody else holds.
    func settle(_ sharing: TrieSharing? = nil) {
        for index in children.indices where children[index].isStale {
            own(&children[index])
            children[index].settle(sharing)
            if let sharing { children[index] = sharing.node(children[index]) }
        }
        known = made
    }

    /// Whether another node with the same hash holds the very same things.
    func isTwin(of other: DigestTrieNode) -> Bool {
        guard entries.count == other.entries.count, children.count == other.children.count else {
            return false
        }
        for (mine, theirs) in zip(entries, other.entries)
        where mine.version !== theirs.version || mine.key != theirs.key { return false }
        for (mine, theirs) in zip(children, other.children) where mine !== theirs { return false }
        return true
    }

    /// Shows the entries of the leaf to which a key belongs.
    ///
    /// It goes down by itself, so that nobody holds a node on the way: each hold is a write to
    /// memory that thousands of copies share.
    func visit(_ key: UInt64, at depth: Int, _ look: (DigestTrie.Entry) -> Void) {
        guard isLeaf else {
            let place = Int(key >> UInt64(60 - 4 * depth) & 0xf)
            children.withUnsafeBufferPointer { $0[place].visit(key, at: depth + 1, look) }
            return
        }
        entries.withUnsafeBufferPointer { for entry in $0 { look(entry) } }
    }

    /// Adds what lies below to a list, rising, until that holds so many.
    ///
    /// - Parameters:
    ///   - start: The least key that is meant.
    ///   - depth: How many nibbles lead here; where `start` has others, nothing is left out by it.
    ///   - limit: How many the list may hold.
    ///   - found: The list.
    func gather(
        from start: UInt64,
        at depth: Int,
        atMost limit: Int,
        into found: inout [DigestTrie.Entry]
    ) {
        guard !isLeaf else {
            for entry in entries where entry.key >= start && found.count < limit {
                found.append(entry)
            }
            return
        }
        let first = Int(start >> UInt64(60 - 4 * depth) & 0xf)
        for index in first..<16 where found.count < limit {
            let rest = index == first ? start : 0
            children[index].gather(from: rest, at: depth + 1, atMost: limit, into: &found)
        }
    }

    /// Everything below, rising.
    var all: [DigestTrie.Entry] { isLeaf ? entries : children.flatMap(\.all) }
}

/// The subtrees that several tries of one process have, each of them once.
final class TrieSharing {
    /// By the first half of their hashes.
    private var nodes: [UInt128: DigestTrieNode] = [:]
    private var limit = 65_536

    /// The node to hold in place of one whose hash is known.
    func node(_ node: DigestTrieNode) -> DigestTrieNode {
        let name = node.hash.truncated
        if let known = nodes[name] { return known.isTwin(of: node) ? known : node }
        if nodes.count >= limit { forgetUnused() }
        nodes[name] = node
        return node
    }

    /// Forgets what no trie holds any more.
    private func forgetUnused() {
        for name in nodes.keys.sorted() {
            // Taken out to be looked at: else the table would hold it a second time.
            guard var node = nodes.removeValue(forKey: name) else { continue }
            if !isKnownUniquelyReferenced(&node) { nodes[name] = node }
        }
        limit = max(65_536, 2 * nodes.count)
    }
}

/// Makes sure that nobody else sees the change that follows.
func own(_ node: inout DigestTrieNode) {
    if !isKnownUniquelyReferenced(&node) { node = node.copy() }
}
