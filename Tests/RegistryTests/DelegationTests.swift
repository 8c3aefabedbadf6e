// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Testing
import Vocabulary

/// What a root gives away for a while, and what nobody can make of it.
struct DelegationTests {
    private let realm = Realm()
    private let holder = Realm.key(77)

    private func delegation(
        _ change: (inout Delegation.Content) -> Void = { _ in }
    ) throws -> Delegation {
        var content = Delegation.Content(
            cluster: realm.cluster,
            key: holder.verifyingKey,
            serial: 5,
            notBefore: Realm.beginning.seconds - 7200,
            notAfter: Realm.beginning.seconds
        )
        content.podCIDRs = [try #require(CIDR("10.244.0.0/16"))]
        change(&content)
        return try #require(Delegation(signing: content, by: realm.root))
    }

    /// Why nobody believes such a certificate, or `nil`.
    private func problem(
        _ bound: (inout Delegation.Content) -> Void = { _ in },
        _ node: (inout Certificate.Content) -> Void = { _ in }
    ) throws -> String? {
        var content = realm.content(1)
        node(&content)
        let made = Certificate(signing: content, under: try delegation(bound), by: holder)
        let certificate = try #require(made)
        let problem = certificate.problem(under: realm.anchor, check: .real)
        #expect(
            certificate.isSigned(byOneOf: realm.anchor.roots, check: .real) == (problem == nil)
        )
        return problem
    }

    @Test(arguments: Seed.sweep(30))
    func `a delegated certificate is its bytes, with the delegation inside`(seed: Seed) throws {
        var random = RandomStream(seed, "delegations")
        let delegation = try delegation { content in
            content.serial = random.next()
            content.lifetime = UInt32(1 + random.below(90 * 86_400))
            content.allowsAdmins = random.chance(1, in: 2)
            content.maximumServices = UInt16(truncatingIfNeeded: random.next())
            content.maximumRecords = UInt16(truncatingIfNeeded: random.next())
            content.namePrefix = random.chance(1, in: 2) ? "edge-" : ""
            content.addresses = (0..<random.below(4)).compactMap { _ in
                CIDR(holding: .v4(UInt32(truncatingIfNeeded: random.next())), prefixLength: 24)
            }
            content.namespaces = (0..<random.below(3)).map { "team-\($0)*" }
        }
        #expect(try Delegation(decoding: delegation.bytes) == delegation)
        #expect(try Delegation(decoding: delegation.bytes).content == delegation.content)
        let certificate = try #require(
            Certificate(signing: realm.content(1), under: delegation, by: holder)
        )
        let decoded = try Certificate(decoding: certificate.bytes)
        #expect(decoded == certificate)
        #expect(decoded.content == realm.content(1))
        #expect(decoded.delegation == delegation)
        #expect(decoded.issuers == [NodeID(of: holder.verifyingKey)])
        #expect(realm.certificate(1).issuers == [])
    }

    @Test func `within its bounds it counts, and long after the delegation has ended`() throws {
        #expect(try problem() == nil)
        #expect(try problem({ _ in }, { $0.notAfter = $0.notBefore + 90 * 86_400 }) == nil)
        #expect(try problem({ _ in }, { $0.notBefore = Realm.beginning.seconds }) == nil)
        let content = realm.content(1)
        #expect(content.isValid(at: Realm.beginning.advanced(by: .seconds(30 * 86_400))))
    }

    private static let tooFar:
        [(
            String, @Sendable (inout Delegation.Content) -> Void,
            @Sendable (inout Certificate.Content) -> Void
        )] = [
            ("of two clusters", { _ in }, { $0.cluster = ClusterID(9) }),
            ("no node's", { _ in }, { $0.key = Realm.key(77).verifyingKey }),
            ("does not begin while", { $0.notBefore += 5400 }, { _ in }),
            ("does not begin while", { $0.notAfter -= 5400 }, { _ in }),
            ("longer than the delegation", { $0.lifetime = 86_400 }, { _ in }),
            ("no administrators", { _ in }, { $0.isAdmin = true }),
            ("1000 services", { $0.maximumServices = 1000 }, { _ in }),
            ("8000 records", { $0.maximumRecords = 8000 }, { _ in }),
            ("begin with \"edge-\"", { $0.namePrefix = "edge-" }, { _ in }),
            ("no labels", { _ in }, { $0.labels = [KeyValue("zone", "a")] }),
            (
                "the address 10.0.0.1",
                { $0.addresses = [CIDR("10.1.0.0/16")!, CIDR("fd00::/8")!] },
                { _ in }
            ),
            ("the pod range 10.244.1.0/24", { $0.podCIDRs = [] }, { _ in }),
            ("the pod range 10.244.1.0/24", { $0.podCIDRs = [CIDR("10.244.1.0/25")!] }, { _ in }),
            ("the pod range 10.245.0.0/16", { _ in }, { $0.podCIDRs = [CIDR("10.245.0.0/16")!] }),
            ("the namespace *", { $0.namespaces = ["team-*"] }, { _ in }),
            ("the namespace te*", { $0.namespaces = ["team-*"] }, { $0.namespaces = ["te*"] }),
            ("the namespace ab", { $0.namespaces = ["a"] }, { $0.namespaces = ["a", "ab"] }),
            ("the namespace a*", { $0.namespaces = ["a"] }, { $0.namespaces = ["a*"] }),
        ]

    @Test(arguments: tooFar.indices)
    func `beyond its bounds it does not`(place: Int) throws {
        let (words, bound, node) = Self.tooFar[place]
        // Of two clusters: the anchor's own check would hide the one that is meant here.
        let said =
            place == 0
            ? try delegation().content.problem(
                of: {
                    var c = realm.content(1); node(&c); return c
                }()
            )
            : try problem(bound, node)
        #expect(said?.contains(words) == true, "\(said ?? "nothing") is not about \(words)")
    }

    @Test func `what is allowed may be narrower, and an administrator where it is said`() throws {
        #expect(try problem({ $0.namespaces = ["team-*"] }, { $0.namespaces = ["team-a*"] }) == nil)
        #expect(try problem({ $0.namespaces = ["a"] }, { $0.namespaces = [] }) == nil)
        #expect(try problem({ $0.allowsAdmins = true }, { $0.isAdmin = true }) == nil)
        #expect(try problem({ $0.namePrefix = "node-" }) == nil)
        let ten = try #require(CIDR("10.0.0.0/8"))
        #expect(try problem({ $0.addresses = [ten] }) == nil)
    }

    @Test func `nobody but a root delegates, and nobody but the holder uses it`() throws {
        let forged = try #require(Delegation(signing: try delegation().content, by: holder))
        let own = try #require(Certificate(signing: realm.content(1), under: forged, by: holder))
        #expect(own.problem(under: realm.anchor, check: .real)?.contains("no root") == true)
        let stolen = try #require(
            Certificate(signing: realm.content(1), under: try delegation(), by: Realm.key(1))
        )
        #expect(
            stolen.problem(under: realm.anchor, check: .real)?.contains("holder") == true
        )
        let foreign = try #require(
            Certificate(signing: realm.content(1), under: try delegation(), by: holder)
        )
        #expect(
            foreign.problem(under: Realm(2).anchor, check: .real)?.contains("is of cluster") == true
        )
    }

    @Test func `a delegated certificate is cheap to refuse`() throws {
        let counting = CountingCheck()
        var content = realm.content(1)
        content.isAdmin = true
        let certificate = try #require(
            Certificate(signing: content, under: try delegation(), by: holder)
        )
        #expect(!certificate.isSigned(byOneOf: realm.anchor.roots, check: counting.check))
        #expect(counting.asked == 0)
    }

    @Test func `a store takes the HEAD of a node that a delegation let in`() throws {
        var store = realm.store()
        var author = Author(1, in: realm)
        author.certificate = try #require(
            Certificate(signing: realm.content(1), under: try delegation(), by: holder)
        )
        #expect(store.take(author.head()) == .stored(released: []))
        var admin = Author(2, in: realm)
        var content = realm.content(2)
        content.isAdmin = true
        admin.certificate = try #require(
            Certificate(signing: content, under: try delegation(), by: holder)
        )
        #expect(store.take(admin.head()) == .refused(.certificate))
    }

    @Test func `what no root should delegate is said in a person's words`() throws {
        let good = try delegation().content
        for (expected, change) in [
            ("end before it begins", { $0.notAfter = $0.notBefore }),
            ("at most 90 days", { $0.notAfter = $0.notBefore + 90 * 86_400 + 1 }),
            (
                "thousands of years",
                {
                    $0.notBefore = .max - 1; $0.notAfter = .max
                }
            ),
            ("longer than nothing", { $0.lifetime = 0 }),
            ("longer than nothing", { $0.lifetime = 90 * 86_400 + 1 }),
            ("begins no node name", { $0.namePrefix = "-" }),
            ("begins no node name", { $0.namePrefix = String(repeating: "n", count: 33) }),
            ("more than 32", { $0.podCIDRs = (1...33).map { CIDR(.v4($0)) } }),
            ("more than 32", { $0.addresses = (1...33).map { CIDR(.v4($0)) } }),
            ("a namespace is empty or too long", { $0.namespaces = [""] }),
        ] as [(String, (inout Delegation.Content) -> Void)] {
            var content = good
            change(&content)
            #expect(content.problem?.contains(expected) == true, "\(expected)")
            #expect(Delegation(signing: content, by: realm.root) == nil)
        }
        var long = good
        long.namespaces = (0..<100).map { "team-\($0)" }
        #expect(long.problem == nil)
        #expect(Delegation(signing: long, by: realm.root) == nil, "longer than 300 bytes")
    }

    @Test func `the longest delegation leaves room for a certificate, in a HEAD and in a FAULT`()
        throws
    {
        let delegation = try delegation { content in
            content.podCIDRs = [CIDR("10.244.0.0/16")!, CIDR("fd00:244::/32")!]
            content.namespaces = (0..<14).map { "te\($0 + 100)*" }
        }
        #expect(delegation.bytes.count > Delegation.maximumLength - 40)
        var content = realm.content(1)
        content.name = String(repeating: "n", count: 32)
        content.addresses.append(try #require(IPAddress("fd00::1")))
        content.podCIDRs.append(try #require(CIDR("fd00:244:1::/48")))
        content.namespaces = (0..<14).map { "te\($0 + 100)*" }
        var author = Author(1, in: realm)
        author.certificate = try #require(
            Certificate(signing: content, under: delegation, by: holder)
        )
        #expect(author.certificate.problem(under: realm.anchor, check: .real) == nil)
        #expect(author.head().bytes.count <= Record.maximumLength)
    }

    @Test(arguments: Seed.sweep(300))
    func `mutated bytes are refused, or another certificate that nobody signed`(seed: Seed) throws {
        var random = RandomStream(seed, "mutants")
        let certificate = try #require(
            Certificate(signing: realm.content(1), under: try delegation(), by: holder)
        )
        var bytes = certificate.bytes
        let place = random.below(bytes.count)
        bytes[place] ^= UInt8(1 << random.below(8))
        guard let other = try? Certificate(decoding: bytes) else { return }
        #expect(other.bytes == bytes)
        #expect(other.problem(under: realm.anchor, check: .real) != nil)
    }
}
