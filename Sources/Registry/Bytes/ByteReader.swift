package import Vocabulary

/// Why bytes are not what they should be.
///
/// The bytes came from outside, so this is a value.
package enum FormatError: Error, Hashable, Sendable {
    /// The bytes end before the thing they begin.
    case truncated
    /// Bytes are left over after the end.
    case trailing
    /// A field has a value that its format does not know; the name says which.
    case invalid(StaticName)
    /// A limit of the format is passed; the name says which.
    case tooLarge(StaticName)

    /// A name known when this was compiled, so that metrics have few labels.
    package struct StaticName: Hashable, Sendable, ExpressibleByStringLiteral,
        CustomStringConvertible
    {
        package let description: String
        package init(stringLiteral value: String) { description = value }
    }
}

/// Takes numbers and texts out of bytes, big-endian, and never reads past their end.
package struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// A reader of some of the bytes, which are not copied for it.
    package init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "beyond the bytes")
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    package var remaining: Int { end - position }
    package var isAtEnd: Bool { position == end }

    /// - Throws: `trailing` where bytes are left.
    package func finish() throws(FormatError) {
        guard isAtEnd else { throw .trailing }
    }

    // Each type has its own: what is generic would be asked for its type with each call from
    // another module.

    /// One byte.
    package mutating func read(_ type: UInt8.Type) throws(FormatError) -> UInt8 { try take() }

    /// Two bytes.
    package mutating func read(_ type: UInt16.Type) throws(FormatError) -> UInt16 { try take() }

    /// Four bytes.
    package mutating func read(_ type: UInt32.Type) throws(FormatError) -> UInt32 { try take() }

    /// Eight bytes.
    package mutating func read(_ type: UInt64.Type) throws(FormatError) -> UInt64 { try take() }

    /// 16 bytes.
    package mutating func read(_ type: UInt128.Type) throws(FormatError) -> UInt128 { try take() }

    private mutating func take<Number: FixedWidthInteger & BitwiseCopyable>()
        throws(FormatError) -> Number
    {
        let width = Number.bitWidth / 8
        guard remaining >= width else { throw .truncated }
        let number = bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: position, as: Number.self)
        }
        position += width
        return Number(bigEndian: number)
    }

    /// That many bytes; a count below zero is as good as too many.
    package mutating func read(count: Int) throws(FormatError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw .truncated }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// 16 bytes.
    package mutating func read(_ type: NodeID.Type) throws(FormatError) -> NodeID {
        NodeID(try take())
    }

    /// 16 bytes.
    package mutating func read<ID: Identifier>(_ type: ID.Type) throws(FormatError) -> ID {
        ID(try read(UInt128.self))
    }

    /// One byte of length, then UTF-8.
    package mutating func readShortText() throws(FormatError) -> String {
        let length = Int(try read(UInt8.self))
        guard remaining >= length else { throw .truncated }
        defer { position += length }
        guard
            let text = String(validating: bytes[position..<position + length], as: UTF8.self)
        else { throw .invalid("text") }
        return text
    }

    /// Two bytes of length, then bytes.
    package mutating func readLong() throws(FormatError) -> [UInt8] {
        let length = Int(try read(UInt16.self))
        return try read(count: length)
    }

    /// Two bytes of length, then bytes that are not copied: a reader of these alone.
    package mutating func readPart() throws(FormatError) -> ByteReader {
        let length = Int(try read(UInt16.self))
        guard remaining >= length else { throw .truncated }
        defer { position += length }
        return ByteReader(bytes, in: position..<position + length)
    }

    /// 4 or 6, then 4 or 16 bytes.
    package mutating func readAddress() throws(FormatError) -> IPAddress {
        guard let family = IPAddress.Family(rawValue: try read(UInt8.self)) else {
            throw .invalid("address family")
        }
        switch family {
        case .v4: return .v4(try read(UInt32.self))
        case .v6: return .v6(try read(UInt128.self))
        }
    }

    /// Bits after the prefix must be zero, so that a range has one form only.
    package mutating func readCIDR() throws(FormatError) -> CIDR {
        let base = try readAddress()
        let length = Int(try read(UInt8.self))
        guard let range = CIDR(holding: base, prefixLength: length), range.base == base else {
            throw .invalid("address range")
        }
        return range
    }

    /// An address and two bytes of port.
    package mutating func readPeerAddress() throws(FormatError) -> PeerAddress {
        let address = try readAddress()
        return PeerAddress(address, port: try read(UInt16.self))
    }

    /// LEB128, at most ten bytes, in its shortest form only.
    package mutating func readVariable() throws(FormatError) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try read(UInt8.self)
            guard shift < 63 || byte <= 1, byte != 0 || shift == 0 else {
                throw .invalid("variable number")
            }
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
        }
        throw .invalid("variable number")
    }
}
