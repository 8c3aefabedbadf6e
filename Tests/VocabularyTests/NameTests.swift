import Testing
import Vocabulary

/// Identifiers and service names.
struct NameTests {
    @Test(arguments: Seed.sweep(200))
    func `an identifier goes through digits and bytes and is itself`(seed: Seed) {
        var random = RandomStream(seed, "identifiers")
        let shift = UInt128(random.below(128))
        let id = NodeID((UInt128(random.next()) << 64 | UInt128(random.next())) >> shift)
        #expect(id.description.utf8.count == 32)
        #expect(NodeID(hex: id.description) == id)
        #expect(NodeID(hex: id.description.uppercased()) == id)
        #expect(id.bytes.count == 16)
        #expect(NodeID(bytes: id.bytes) == id)
        #expect(id.description.hasPrefix(id.short) && id.short.utf8.count == 8)
        let other = NodeID(UInt128(random.next()))
        #expect((id < other) == id.bytes.lexicographicallyPrecedes(other.bytes))
        #expect((id < other) == (id.description < other.description))
    }

    @Test(arguments: [
        "", "0", String(repeating: "0", count: 31), String(repeating: "0", count: 33),
        String(repeating: "g", count: 32), "+" + String(repeating: "0", count: 31),
        "-" + String(repeating: "0", count: 31), "-" + String(repeating: "1", count: 31),
        " " + String(repeating: "0", count: 31), "0x" + String(repeating: "0", count: 30),
        String(repeating: "0", count: 30) + "é", String(repeating: "٠", count: 16),
    ])
    func `what is not 32 digits is no identifier`(text: String) {
        #expect(NodeID(hex: text) == nil)
    }

    @Test(arguments: [0, 1, 15, 17, 100])
    func `what is not 16 bytes is no identifier`(count: Int) {
        #expect(ClusterID(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test(arguments: ["a", "web", "a-1", "x" + String(repeating: "-", count: 61) + "x"])
    func `DNS labels are names`(name: String) {
        #expect(ServiceName(namespace: "default", name: name)?.description == "default/\(name)")
        #expect(ServiceName(namespace: name, name: "a") != nil)
    }

    @Test(arguments: [
        "", "-a", "a-", "A", "a.b", "a b", "a_b", "é", "a\n", "a/b", "a\0",
        String(repeating: "a", count: 64),
    ])
    func `anything else is none`(name: String) {
        #expect(ServiceName(namespace: "default", name: name) == nil)
        #expect(ServiceName(namespace: name, name: "a") == nil)
    }

    @Test
    func `a namespace may begin with a digit, a name may not`() {
        #expect(ServiceName(namespace: "1", name: "a") != nil)
        #expect(ServiceName(namespace: "a", name: "1") == nil)
    }

    @Test(arguments: ["localhost", "db.example.com", "1.2.3.4", "a-1.b"])
    func `labels with dots between them are a DNS name`(name: String) {
        #expect(name.isDNSName)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "A.b", "a_b.c", "-a.b", "é.b",
        [String](repeating: "aaaaaaaaa", count: 26).joined(separator: "."),
    ])
    func `anything else is no DNS name`(name: String) {
        #expect(!name.isDNSName)
    }

    @Test func `a name of a port is short and has a letter`() {
        for name in ["http", "a", "web-2", "8080a"] { #expect(name.isPortName) }
        for name in ["", "8080", "-a", "a--b", "A", "sixteen-letters-", "abcdefghijklmnop"] {
            #expect(!name.isPortName, "\(name)")
        }
    }

    @Test func `keys and values of labels have the alphabet of Kubernetes`() {
        for key in ["app", "A_b.c-1", "example.com/app", "app.kubernetes.io/name"] {
            #expect(key.isQualifiedName, "\(key)")
        }
        for key in ["", "/", "a/", "/a", "a/b/c", "-a", "a b", "A.com/a", "é", "a\n"] {
            #expect(!key.isQualifiedName, "\(key)")
        }
        #expect("".isLabelValue)
        #expect(String(repeating: "v", count: 63).isLabelValue)
        for value in ["a b", "-", "a/b", "ß", String(repeating: "v", count: 64)] {
            #expect(!value.isLabelValue, "\(value)")
        }
    }
}
