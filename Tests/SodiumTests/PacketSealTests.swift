import Sodium
import Testing
import Vocabulary

/// Packets that are sealed where they stand: truly, and so that it only looks like it.
struct PacketSealTests {
    private let receiver = NodeID(0xfeed)
    private let header = (0..<44).map(UInt8.init)
    private let text = (0..<100).map { UInt8(200 - $0) }

    private static let keys: [SealingKey] = [
        SealingKey(bytes: (0..<32).map(UInt8.init)), .plain(0x1234_5678_9abc_def0),
    ].compactMap(\.self)

    private func sealed(_ key: SealingKey) -> [UInt8] {
        var packet = header + text
        key.seal(&packet, behind: header.count, for: receiver)
        return packet
    }

    @Test(arguments: 0..<2)
    func `a packet is sixteen bytes longer and opens for its receiver`(place: Int) {
        let key = Self.keys[place]
        let packet = sealed(key)
        #expect(packet.count == header.count + text.count + SealingKey.tagLength)
        #expect(Array(packet.prefix(header.count)) == header)
        #expect(key.open(packet, behind: header.count, for: receiver) == text)
        #expect(key.open(packet, behind: header.count, for: NodeID(1)) == nil)
    }

    @Test(arguments: 0..<2)
    func `no bit of it can be turned, and no part is left out unseen`(place: Int) {
        let key = Self.keys[place]
        let packet = sealed(key)
        for byte in packet.indices {
            var broken = packet
            broken[byte] ^= 0x10
            #expect(key.open(broken, behind: header.count, for: receiver) == nil)
        }
        for length in packet.indices {
            let part = Array(packet.prefix(length))
            #expect(key.open(part, behind: header.count, for: receiver) == nil)
        }
        #expect(SealingKey.plain(1).open(packet, behind: header.count, for: receiver) == nil)
    }

    @Test
    func `sealed in place or apart, the bytes are the same`() {
        let context = header + receiver.bytes
        for key in Self.keys {
            let apart = key.seal(text, nonce: Array(header.suffix(24)), context: context)
            #expect(sealed(key) == header + apart)
        }
    }

    @Test
    func `a packet of nothing is sealed, too`() {
        for key in Self.keys {
            var packet = header
            key.seal(&packet, behind: header.count, for: receiver)
            #expect(key.open(packet, behind: header.count, for: receiver) == [])
        }
    }
}
