package import Sodium
package import Vocabulary

/// Puts numbers and texts into bytes, big-endian: the one way bytes are written here.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// A writer with room for so many bytes, which spares it from growing.
    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// The bytes, without a copy of them: the writer has none afterwards, so that whoever goes on
    /// writing holds them alone.
    package mutating func finish() -> [UInt8] {
        var finished: [UInt8] = []
        swap(&finished, &bytes)
        return finished
    }

    /// One byte.
    package mutating func write(_ byte: UInt8) { bytes.append(byte) }

    // Each type has its own: what is generic would be asked for its type with each call from
    // another module.

    /// Two bytes.
    package mutating func write(_ number: UInt16) { append(number) }

    /// Four bytes.
    package mutating func write(_ number: UInt32) { append(number) }

    /// Eight bytes.
    package mutating func write(_ number: UInt64) { append(number) }

    /// 16 bytes.
    package mutating func write(_ number: UInt128) { append(number) }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// 32 bytes.
    package mutating func write(_ hash: Hash256) {
        write(hash.numbers.0)
        write(hash.numbers.1)
    }

    /// Bytes as they are, without a length.
    package mutating func write(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }

    /// Bytes as they are, without a length.
    package mutating func write(_ raw: some Collection<UInt8>) { bytes.append(contentsOf: raw) }

    /// 16 bytes.
    package mutating func write(_ node: NodeID) { append(node.number) }

    /// 16 bytes.
    package mutating func write(_ identifier: some Identifier) { write(identifier.number) }

    /// One byte of length, then the text in UTF-8.
    ///
    /// A longer one is a programming error: whoever takes texts from people refuses them before.
    package mutating func write(short text: String) {
        let count = text.utf8.count
        precondition(count <= 255, "a text of \(count) bytes in one of 255")
        write(UInt8(count))
        write(text.utf8)
    }

    /// Two bytes of length, then the bytes.
    package mutating func write(long raw: [UInt8]) {
        precondition(raw.count <= 65_535, "\(raw.count) bytes where two bytes count them")
        write(UInt16(raw.count))
        write(raw)
    }

    /// Two bytes of length, then what the content writes.
    package mutating func write(part content: (inout ByteWriter) -> Void) {
        let place = bytes.count
        write(UInt16(0))
        content(&self)
        let length = bytes.count - place - 2
        precondition(length <= 65_535, "\(length) bytes where two bytes count them")
        bytes[place] = UInt8(length >> 8)
        bytes[place + 1] = UInt8(truncatingIfNeeded: length)
    }

    /// Leaves room for one byte of type and two of length.
    ///
    /// - Returns: Where the frame begins, for `endFrame`.
    package mutating func beginFrame() -> Int {
        write(UInt8(0))
        write(UInt16(0))
        return bytes.count - 3
    }

    /// Puts type and length before everything that was written since a frame began.
    package mutating func endFrame(_ type: UInt8, from start: Int) {
        let length = bytes.count - start - 3
        precondition(length <= 65_535, "\(length) bytes where two bytes count them")
        bytes[start] = type
        bytes[start + 1] = UInt8(length >> 8)
        bytes[start + 2] = UInt8(truncatingIfNeeded: length)
    }

    /// 4 or 6, then 4 or 16 bytes.
    package mutating func write(_ address: IPAddress) {
        write(address.family.rawValue)
        switch address {
        case .v4(let word): write(word)
        case .v6(let word): write(word)
        }
    }

    package mutating func write(_ range: CIDR) {
        write(range.base)
        write(UInt8(range.prefixLength))
    }

    package mutating func write(_ peer: PeerAddress) {
        write(peer.address)
        write(peer.port)
    }

    /// A variable-length number, seven bits a byte, least first (LEB128).
    package mutating func write(variable number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
