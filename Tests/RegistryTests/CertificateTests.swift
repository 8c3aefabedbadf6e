import Registry
import Sodium
import Testing
import Vocabulary

/// What a root may say of a node.
struct CertificateTests {
    private let realm = Realm()

    private func problem(_ change: (inout Certificate.Content) -> Void) -> String? {
        var content = realm.content(1)
        change(&content)
        #expect((content.problem == nil) == (Certificate(signing: content, by: realm.root) != nil))
        return content.problem
    }

    @Test(arguments: Seed.sweep(30))
    func `a certificate is its bytes`(seed: Seed) throws {
        var random = RandomStream(seed, "certificates")
        let certificate = realm.certificate(1) { content in
            content.isAdmin = random.chance(1, in: 2)
            content.maximumServices = UInt16(truncatingIfNeeded: random.next())
            content.maximumRecords = UInt16(truncatingIfNeeded: random.next())
            content.addresses += (0..<random.below(4)).map { _ in .v6(UInt128(random.next()) + 2) }
            content.podCIDRs = (0..<random.below(4)).compactMap { _ in
                CIDR(holding: .v4(UInt32(truncatingIfNeeded: random.next())), prefixLength: 24)
            }
            content.namespaces = (0..<random.below(3)).map { "team-\($0)*" }
            content.labels = (0..<random.below(3)).map { KeyValue("k\($0)", "v") }
        }
        let decoded = try Certificate(decoding: certificate.bytes)
        #expect(decoded == certificate)
        #expect(decoded.content == certificate.content)
        #expect(decoded.node == NodeID(of: Realm.key(1).verifyingKey))
        #expect(
            decoded.isSigned(
                byOneOf: [Realm.key(5).verifyingKey, realm.root.verifyingKey],
                check: .real
            )
        )
        #expect(!decoded.isSigned(byOneOf: [Realm.key(5).verifyingKey], check: .real))
    }

    @Test func `what no root should sign is said in a person's words`() {
        let long = String(repeating: "x", count: 256)
        for (expected, change) in [
            ("is no node name", { $0.name = "Node" }),
            ("is no node name", { $0.name = "" }),
            ("is no node name", { $0.name = String(repeating: "n", count: 33) }),
            ("end before it begins", { $0.notAfter = $0.notBefore }),
            ("at most 90 days", { $0.notAfter = $0.notBefore + 90 * 86_400 + 1 }),
            ("at least one address", { $0.addresses = [] }),
            ("0.0.0.0 is no address", { $0.addresses.append(.v4(0)) }),
            (":: is no address", { $0.addresses.append(.v6(0)) }),
            ("224.0.0.1 is no address", { $0.addresses.append(.v4(0xe000_0001)) }),
            ("255.255.255.255 is no address", { $0.addresses.append(.v4(.max)) }),
            ("ff02::1 is no address", { $0.addresses.append(.v6(0xff02 << 112 | 1)) }),
            ("a namespace is empty or too long", { $0.namespaces = [""] }),
            ("a namespace is empty or too long", { $0.namespaces = [long] }),
            ("a label is empty or too long", { $0.labels = [KeyValue("", "v")] }),
            ("a label is empty or too long", { $0.labels = [KeyValue(long, "v")] }),
            ("a label is empty or too long", { $0.labels = [KeyValue("k", long)] }),
            ("more than 32", { $0.addresses = (1...33).map { .v4(0x0a00_0000 + $0) } }),
            ("more than 32", { $0.podCIDRs = (1...33).map { CIDR(.v4($0)) } }),
        ] as [(String, (inout Certificate.Content) -> Void)] {
            #expect(problem(change)?.contains(expected) == true, "\(expected)")
        }
        #expect(problem { $0.name = String(repeating: "n", count: 32) } == nil)
        #expect(problem { $0.notAfter = $0.notBefore + 90 * 86_400 } == nil)
    }

    @Test func `a certificate leaves room in a HEAD, and a HEAD with it fits a record`() throws {
        var content = realm.content(1)
        // As many labels as fit.
        while Certificate(signing: content, by: realm.root) != nil {
            content.labels.append(KeyValue("k", String(repeating: "v", count: 7)))
        }
        content.labels.removeLast()
        let certificate = try #require(Certificate(signing: content, by: realm.root))
        #expect(certificate.bytes.count > 636 && certificate.bytes.count <= 656)
        var author = Author(1, in: realm)
        author.certificate = certificate
        let addresses = Array(repeating: PeerAddress(.v6(.max), port: .max), count: 4)
        let head = author.head { $0.addresses = addresses }
        #expect(head.bytes.count <= Record.maximumLength)
        #expect(throws: FormatError.tooLarge("certificate")) {
            try Certificate(decoding: [UInt8](repeating: 1, count: 657))
        }
    }

    @Test func `patterns allow a namespace exactly, or by what it begins with`() {
        func allows(_ patterns: [String], _ namespace: String) -> Bool {
            var content = realm.content(1)
            content.namespaces = patterns
            return content.allows(namespace: namespace)
        }
        #expect(allows(["*"], "anything") && allows(["a", "b"], "b") && allows(["te*"], "team"))
        #expect(!allows([], "a") && !allows(["a"], "ab") && !allows(["ab*"], "a"))
        #expect(!allows(["*a"], "a"), "a star counts at the end only")
    }

    @Test func `identities follow from keys and names`() throws {
        let key = Realm.key(1).verifyingKey
        #expect(
            NodeID(of: key).bytes == BLAKE2b.hash(Array("gv1-node".utf8) + key.bytes, length: 16)
        )
        let name = Array("shop".utf8) + [0] + Array("web".utf8)
        #expect(
            realm.service("web", in: "shop").bytes
                == BLAKE2b.hash(name, key: realm.cluster.bytes, length: 16)
        )
        #expect(realm.service("web") != Realm(2).service("web"))
    }
}
