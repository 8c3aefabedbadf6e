package import Registry
package import Sodium
import Vocabulary

/// What one side shows the other of its trie, subtree by subtree (registry design, section 6.3).
package struct TreeFrame: Hashable, Sendable {
    /// Fresh for each session: nobody can prepare records whose digests collide under it.
    ///
    /// It names the session, too.
    package let salt: UInt64
    package let half: StoreHalf
    /// How many datagrams the other side may answer with.
    package let budget: UInt8
    package let parts: [Part]

    package enum Part: Hashable, Sendable {
        /// Of all 256 subtrees of two nibbles, 5 bytes each. Fills a datagram alone.
        case overview([UInt64])
        /// Of the 16 subtrees below a prefix, 8 bytes each.
        case children(DigestTrie.Prefix, [UInt64])
        /// Everything under a prefix.
        case listing(DigestTrie.Prefix, [Item])
        /// "Send me the records under this prefix, from this place on."
        case pull(DigestTrie.Prefix, from: UInt64)
        /// "That was it": where to ask on, or `nil` where nothing is left under the prefix.
        case pulled(DigestTrie.Prefix, next: UInt64?)
    }

    /// One record as a listing shows it.
    package struct Item: Hashable, Sendable {
        package let key: UInt64
        package let sequence: UInt64
        /// The first four bytes of its hash.
        package let hash: UInt32

        package init(_ entry: DigestTrie.Entry) {
            key = entry.key
            sequence = entry.sequence
            hash = UInt32(truncatingIfNeeded: entry.hash.truncated >> 96)
        }

        /// - Parameters:
        ///   - record: The record that is shown.
        ///   - place: Its key in the trie.
        package init(of record: Record, at place: UInt64) {
            key = place
            sequence = record.header.sequence
            hash = UInt32(truncatingIfNeeded: record.hash.truncated >> 96)
        }

        /// As `write` writes it: seven bits of the sequence in a byte.
        var encodedLength: Int {
            let bits = UInt64.bitWidth - sequence.leadingZeroBitCount
            return 8 + max(1, (bits + 6) / 7) + 4
        }

        func write(into writer: inout ByteWriter) {
            writer.write(key)
            writer.write(variable: sequence)
            writer.write(hash)
        }

        init(_ reader: inout ByteReader) throws(FormatError) {
            key = try reader.read(UInt64.self)
            sequence = try reader.readVariable()
            hash = try reader.read(UInt32.self)
        }
    }

    package static let overviewCount = 256
    package static let childCount = 16

    package init(salt: UInt64, half: StoreHalf, budget: UInt8, parts: [Part]) {
        self.salt = salt
        self.half = half
        self.budget = budget
        self.parts = parts
    }

    /// A subtree's digest under a session's salt: 5 bytes in an overview, 8 among children.
    package static func digest(_ hash: Hash256, salt: UInt64, bytes: Int) -> UInt64 {
        var key = ByteWriter()
        key.write(salt)
        return BLAKE2b.hash(hash.bytes, key: key.bytes, length: 16).prefix(bytes)
            .reduce(0) { $0 << 8 | UInt64($1) }
    }

    func write(into writer: inout ByteWriter) {
        writer.write(salt)
        writer.write(half.rawValue)
        writer.write(budget)
        writer.write(UInt8(parts.count))
        for part in parts { part.write(into: &writer) }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        salt = try reader.read(UInt64.self)
        guard let half = StoreHalf(rawValue: try reader.read(UInt8.self)) else {
            throw .invalid("tree half")
        }
        self.half = half
        budget = try reader.read(UInt8.self)
        let count = Int(try reader.read(UInt8.self))
        var parts: [Part] = []
        for _ in 0..<count { parts.append(try Part(&reader)) }
        self.parts = parts
    }
}

extension TreeFrame.Part {
    /// How many bytes it takes in a frame.
    package var encodedLength: Int {
        var writer = ByteWriter()
        write(into: &writer)
        return writer.bytes.count
    }

    fileprivate func write(into writer: inout ByteWriter) {
        switch self {
        case .overview(let digests):
            writer.write(UInt8(0))
            writer.write(UInt8(0))
            for digest in digests {
                writer.write(UInt8(truncatingIfNeeded: digest >> 32))
                writer.write(UInt32(truncatingIfNeeded: digest))
            }
        case .children(let prefix, let digests):
            prefix.write(into: &writer)
            writer.write(UInt8(1))
            for digest in digests { writer.write(digest) }
        case .listing(let prefix, let items):
            prefix.write(into: &writer)
            writer.write(UInt8(2))
            writer.write(UInt8(items.count))
            for item in items { item.write(into: &writer) }
        case .pull(let prefix, let place):
            prefix.write(into: &writer)
            writer.write(UInt8(3))
            writer.write(place)
        case .pulled(let prefix, let next):
            prefix.write(into: &writer)
            writer.write(UInt8(4))
            // Nothing is left before the first place, so it can say that nothing is left at all.
            writer.write(next ?? 0)
        }
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        let prefix = try DigestTrie.Prefix(&reader)
        switch try reader.read(UInt8.self) {
        case 0:
            guard prefix == .root else { throw .invalid("tree prefix") }
            var digests: [UInt64] = []
            for _ in 0..<TreeFrame.overviewCount {
                let high = try reader.read(UInt8.self)
                digests.append(UInt64(high) << 32 | UInt64(try reader.read(UInt32.self)))
            }
            self = .overview(digests)
        case 1:
            var digests: [UInt64] = []
            for _ in 0..<TreeFrame.childCount { digests.append(try reader.read(UInt64.self)) }
            self = .children(prefix, digests)
        case 2:
            let count = Int(try reader.read(UInt8.self))
            guard count <= DigestTrie.leafCapacity else { throw .tooLarge("tree listing") }
            var items: [TreeFrame.Item] = []
            for _ in 0..<count { items.append(try TreeFrame.Item(&reader)) }
            self = .listing(prefix, items)
        case 3:
            self = .pull(prefix, from: try reader.read(UInt64.self))
        case 4:
            let next = try reader.read(UInt64.self)
            self = .pulled(prefix, next: next == 0 ? nil : next)
        default:
            throw .invalid("tree form")
        }
    }
}

extension DigestTrie.Prefix {
    /// The count of nibbles, then two nibbles a byte, the last one padded with zero.
    fileprivate func write(into writer: inout ByteWriter) {
        writer.write(UInt8(nibbles.count))
        for index in stride(from: 0, to: nibbles.count, by: 2) {
            let low = index + 1 < nibbles.count ? nibbles[index + 1] : 0
            writer.write(nibbles[index] << 4 | low)
        }
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        let count = Int(try reader.read(UInt8.self))
        guard count <= 16 else { throw .invalid("tree prefix") }
        var nibbles: [UInt8] = []
        for byte in try reader.read(count: (count + 1) / 2) {
            nibbles += [byte >> 4, byte & 0xf]
        }
        if count % 2 == 1, nibbles.removeLast() != 0 { throw .invalid("tree prefix") }
        guard let prefix = DigestTrie.Prefix(nibbles) else { throw .invalid("tree prefix") }
        self = prefix
    }
}
