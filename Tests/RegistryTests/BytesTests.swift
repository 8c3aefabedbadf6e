import Registry
import Testing
import Vocabulary

/// Numbers and texts in bytes, and back.
struct BytesTests {
    @Test(arguments: Seed.sweep(50))
    func `what is written is read again, and nothing is left`(seed: Seed) throws {
        var random = RandomStream(seed, "bytes")
        let numbers = (0..<20).map { _ in random.next() >> UInt64(random.below(64)) }
        let text = String(repeating: "ü", count: random.below(128))
        let raw = random.bytes(random.below(300))
        let v4 = IPAddress.v4(UInt32(truncatingIfNeeded: random.next()))
        let v6 = IPAddress.v6(UInt128(random.next()) << 64 | UInt128(random.next()))
        let ranges = [v4, v6].compactMap {
            CIDR(holding: $0, prefixLength: random.below($0.family.bits + 1))
        }
        var writer = ByteWriter()
        for number in numbers {
            writer.write(UInt8(truncatingIfNeeded: number))
            writer.write(UInt16(truncatingIfNeeded: number))
            writer.write(UInt32(truncatingIfNeeded: number))
            writer.write(number)
            writer.write(UInt128(number) << 63)
            writer.write(variable: number)
        }
        writer.write(short: text)
        writer.write(long: raw)
        for range in ranges { writer.write(range) }
        writer.write(PeerAddress(v6, port: 7747))
        writer.write(NodeID(7))
        var reader = ByteReader(writer.bytes)
        for number in numbers {
            #expect(try reader.read(UInt8.self) == UInt8(truncatingIfNeeded: number))
            #expect(try reader.read(UInt16.self) == UInt16(truncatingIfNeeded: number))
            #expect(try reader.read(UInt32.self) == UInt32(truncatingIfNeeded: number))
            #expect(try reader.read(UInt64.self) == number)
            #expect(try reader.read(UInt128.self) == UInt128(number) << 63)
            #expect(try reader.readVariable() == number)
        }
        #expect(try reader.readShortText() == text)
        #expect(try reader.readLong() == raw)
        for range in ranges { #expect(try reader.readCIDR() == range) }
        #expect(try reader.readPeerAddress() == PeerAddress(v6, port: 7747))
        #expect(try reader.read(NodeID.self) == NodeID(7))
        #expect(reader.isAtEnd && reader.remaining == 0)
        try reader.finish()
    }

    @Test func `numbers are big-endian`() {
        var writer = ByteWriter()
        writer.write(UInt32(0x0102_0304))
        writer.write(IPAddress.v4(0x0a00_0001))
        #expect(writer.bytes == [1, 2, 3, 4, 4, 10, 0, 0, 1])
    }

    @Test func `a variable number has the least seven bits first`() {
        for (number, bytes) in [
            (UInt64(0), [UInt8(0)]), (127, [0x7f]), (128, [0x80, 1]), (300, [0xac, 2]),
            (.max, [UInt8](repeating: 0xff, count: 9) + [1]),
        ] {
            var writer = ByteWriter()
            writer.write(variable: number)
            #expect(writer.bytes == bytes)
        }
    }

    @Test(
        arguments: [
            [0x80, 0], [0xff, 0x80, 0], [0x80, 0x80, 0x80, 0], Array(repeating: 0xff, count: 10),
            Array(repeating: 0x80, count: 9) + [2], Array(repeating: 0xff, count: 9) + [0x81, 0],
        ] as [[UInt8]]
    )
    func `a variable number has its shortest form only, of ten bytes at most`(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        #expect(throws: FormatError.invalid("variable number")) { try reader.readVariable() }
    }

    @Test func `a reader never passes the end`() throws {
        var writer = ByteWriter()
        writer.write(short: "grapevine")
        writer.write(variable: 1 << 40)
        writer.write(IPAddress.v6(1))
        for length in 0..<writer.bytes.count {
            var reader = ByteReader(Array(writer.bytes.prefix(length)))
            #expect(throws: FormatError.truncated) {
                _ = try reader.readShortText()
                _ = try reader.readVariable()
                _ = try reader.readAddress()
            }
        }
        var reader = ByteReader([1, 2, 3])
        #expect(throws: FormatError.truncated) { try reader.read(count: -1) }
        #expect(throws: FormatError.truncated) { try reader.read(count: .max) }
        #expect(throws: FormatError.truncated) { try reader.read(UInt32.self) }
        #expect(reader.remaining == 3, "a failed read took bytes")
        #expect(throws: FormatError.trailing) { try reader.finish() }
    }

    @Test func `what has no meaning is refused`() {
        func fails(_ bytes: [UInt8], _ read: (inout ByteReader) throws -> Void) -> FormatError? {
            var reader = ByteReader(bytes)
            do { try read(&reader) } catch { return error as? FormatError }
            return nil
        }
        #expect(fails([2, 0xc3, 0x28]) { _ = try $0.readShortText() } == .invalid("text"))
        #expect(fails([5, 1, 2, 3, 4]) { _ = try $0.readAddress() } == .invalid("address family"))
        // A bit after the prefix, and a prefix longer than the address.
        for bytes in [[4, 10, 0, 0, 1, 24], [4, 10, 0, 0, 0, 33]] as [[UInt8]] {
            #expect(fails(bytes) { _ = try $0.readCIDR() } == .invalid("address range"))
        }
    }
}
