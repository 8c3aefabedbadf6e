package import Vocabulary

/// Puts numbers and texts into bytes, big-endian: the one way bytes are written here.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// A number in as many bytes as its type has.
    @_specialize(where Number == UInt8)
    @_specialize(where Number == UInt16)
    @_specialize(where Number == UInt32)
    @_specialize(where Number == UInt64)
    @_specialize(where Number == UInt128)
    package mutating func write<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Bytes as they are, without a length.
    @_specialize(where Bytes == [UInt8])
    package mutating func write<Bytes: Collection<UInt8>>(_ raw: Bytes) {
        bytes.append(contentsOf: raw)
    }

    /// 16 bytes.
    package mutating func write(_ identifier: some Identifier) { write(identifier.number) }

    /// One byte of length, then the text in UTF-8.
    ///
    /// A longer one is a programming error: whoever takes texts from people refuses them before.
    package mutating func write(short text: String) {
        let letters = Array(text.utf8)
        precondition(letters.count <= 255, "a text of \(letters.count) bytes in one of 255")
        write(UInt8(letters.count))
        write(letters)
    }

    /// Two bytes of length, then the bytes.
    package mutating func write(long raw: [UInt8]) {
        precondition(raw.count <= 65_535, "\(raw.count) bytes where two bytes count them")
        write(UInt16(raw.count))
        write(raw)
    }

    /// 4 or 6, then 4 or 16 bytes.
    package mutating func write(_ address: IPAddress) {
        write(address.family.rawValue)
        write(address.bytes)
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
