import Testing
import Vocabulary

/// Addresses, ranges and ports as text and bytes.
struct AddressTests {
    static func draw(_ random: inout RandomStream) -> IPAddress {
        let number = UInt128(random.next()) << 64 | UInt128(random.next())
        guard random.chance(1, in: 2) else { return IPAddress(.v4, number) }
        // Runs of zeros are where the text is difficult.
        var mask = UInt128.zero
        for group in 0..<8 where random.chance(1, in: 2) { mask |= 0xffff << UInt128(16 * group) }
        return IPAddress(.v6, number & mask)
    }

    @Test(arguments: Seed.sweep(200))
    func `an address printed and read, or made bytes and back, is itself`(seed: Seed) {
        var random = RandomStream(seed, "addresses")
        for _ in 0..<20 {
            let address = Self.draw(&random)
            #expect(IPAddress(address.description) == address)
            #expect(IPAddress(bytes: address.bytes) == address)
            #expect(IPAddress(address.family, address.number) == address)
            #expect(address.bytes.count * 8 == address.family.bits)

            let port = UInt16(truncatingIfNeeded: random.next())
            let peer = PeerAddress(address, port: port)
            #expect(PeerAddress(peer.description) == peer)

            let length = random.below(address.family.bits + 1)
            let range = CIDR(holding: address, prefixLength: length)
            #expect(range?.contains(address) == true)
            #expect(range.flatMap { CIDR($0.description) } == range)
            #expect(range?.address(at: 0) == range?.base)
            #expect(range.map { CIDR($0.base) }?.prefixLength == address.family.bits)
        }
    }

    @Test(arguments: Seed.sweep(200))
    func `the order of addresses is that of their bytes`(seed: Seed) {
        var random = RandomStream(seed, "order")
        let (left, right) = (Self.draw(&random), Self.draw(&random))
        guard left.family == right.family else {
            #expect((left < right) == (left.family == .v4))
            return
        }
        #expect((left < right) == left.bytes.lexicographicallyPrecedes(right.bytes))
    }

    /// RFC 5952, sections 1, 2 and 4: what is read, and the one text that is printed.
    @Test(arguments: [
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:0:1::1", "2001:db8::1:0:0:1"),
        ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
        ("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("::", "::"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("1::", "1::"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ])
    func `RFC 5952's texts are read, and printed in the canonical form`(
        text: String,
        canonical: String
    ) {
        #expect(IPAddress(text)?.description == canonical)
    }

    static let hostile = [
        "", " ", ".", ":", "/", "1", "1.2.3", "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5", "1..2.3",
        "256.1.1.1", "1.2.3.256", "01.2.3.4", "1.2.3.04", "0x1.2.3.4", "+1.2.3.4", "-1.2.3.4",
        "1.2.3.-0", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.4\0", "١.٢.٣.٤", "1．2．3．4",
        "1.\u{301}2.3.4", "1.2.3.4/8", "999999999999999999999.1.1.1",
        ":::", "::1::", "1::2::3", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "12345::", "::12345", "g::", "::g", "::-0", "::-1",
        "::+1", "-0::", "+0::", "::1%eth0", "[::1]", "::1 ", " ::1", "::1.2.3.4", "::ffff:1.2.3.4",
        "::\u{301}1", "1::\u{301}2", ":\u{301}:1", "１::", "::１", "é::1", "::\0", "fe80::1\n",
        String(repeating: ":", count: 10_000), String(repeating: "1:", count: 10_000),
        String(repeating: "1", count: 10_000),
    ]

    @Test(arguments: hostile)
    func `what is not exactly an address is none, nor a range or a peer`(text: String) {
        #expect(IPAddress(text) == nil)
        #expect(CIDR("\(text)/8") == nil)
        #expect(PeerAddress("[\(text)]:80") == nil)
        if text != "[::1]" { #expect(PeerAddress("\(text):80") == nil) }
    }

    @Test(arguments: Seed.sweep(200))
    func `random letters of the trade never trap, and what is read is printed and read again`(
        seed: Seed
    ) {
        let letters = Array("0123456789abfF:::...//[]-+ %é\u{301}\0")
        var random = RandomStream(seed, "letters")
        for _ in 0..<50 {
            let text = String((0..<random.below(20)).map { _ in random.pick(letters) ?? "0" })
            if let address = IPAddress(text) { #expect(IPAddress(address.description) == address) }
            if let range = CIDR(text) { #expect(CIDR(range.description) == range) }
            if let peer = PeerAddress(text) { #expect(PeerAddress(peer.description) == peer) }
        }
    }

    @Test(arguments: [
        "10.0.0.0/33", "10.0.0.0/-0", "10.0.0.0/+8", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.1/8",
        "10.0.0.0/08", "10.0.0.0", "/8", "::/129", "::1/127", "fd00::/٨", "10.0.0.0/8 ",
        "10.0.0.0/99999999999999999999", "10.0.0.0 /8",
    ])
    func `what is not exactly a range is none`(text: String) {
        #expect(CIDR(text) == nil)
    }

    @Test(arguments: [
        "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-0", "10.0.0.1:+1", ":80", "[]:80",
        "[10.0.0.1]:80", "::1:80", "[::1]", "[::1]80", "[::1:80", "::1]:80", "[[::1]]:80",
        "node-1:80", "10.0.0.1:80 ", "10.0.0.1:080", "[::1]:99999999999999999999",
    ])
    func `what is not exactly an address and a port is none`(text: String) {
        #expect(PeerAddress(text) == nil)
    }

    @Test
    func `a range knows its ends, and what it overlaps`() throws {
        let range = try #require(CIDR("10.96.0.0/16"))
        #expect(range.hostBits == 16)
        #expect(range.address(at: 65_535) == IPAddress("10.96.255.255"))
        #expect(range.address(at: 65_536) == nil)
        #expect(range.contains(IPAddress.v4(0x0a60_ffff)))
        #expect(!range.contains(IPAddress.v4(0x0a61_0000)))
        #expect(!range.contains(IPAddress.v6(0x0a60_0001)))
        let all = try #require(CIDR("0.0.0.0/0"))
        #expect(all.address(at: 0xffff_ffff) == IPAddress("255.255.255.255"))
        #expect(all.address(at: 0x1_0000_0000) == nil)
        #expect(all.overlaps(range) && range.overlaps(all))
        let every = try #require(CIDR("::/0"))
        #expect(every.address(at: .max) == .v6(UInt128(UInt64.max)))
        #expect(!every.overlaps(all))
        let last = try #require(CIDR("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"))
        #expect(last.address(at: 0) != nil && last.address(at: 1) == nil)
        #expect(CIDR(holding: .v4(1), prefixLength: -1) == nil)
        #expect(CIDR(holding: .v4(1), prefixLength: 33) == nil)
        #expect(CIDR(holding: .v6(1), prefixLength: 129) == nil)
    }

    @Test(arguments: [0, 1, 3, 5, 15, 17, 1000])
    func `another count of bytes is no address`(count: Int) {
        #expect(IPAddress(bytes: [UInt8](repeating: 255, count: count)) == nil)
    }

    @Test
    func `loopback and unspecified are known by both families`() {
        #expect(
            ["127.0.0.1", "127.255.0.1", "::1"].allSatisfy { IPAddress($0)?.isLoopback == true }
        )
        #expect(["128.0.0.1", "::2", "::"].allSatisfy { IPAddress($0)?.isLoopback == false })
        #expect(["0.0.0.0", "::"].allSatisfy { IPAddress($0)?.isUnspecified == true })
    }
}
