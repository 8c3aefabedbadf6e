// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Testing
import Vocabulary

/// The bytes of what lets machines in, as they were written down once (`Golden.swift` says how).
struct TrustGoldenTests {
    private static let key = SigningKey(seed: Sample.bytes("delegate", 32))!

    private static let delegation = Delegation(
        signing: Delegation.Content(
            cluster: Sample.cluster,
            key: key.verifyingKey,
            serial: 0x0123_4567_89ab_cdef,
            notBefore: Sample.now.seconds - 7200,
            notAfter: Sample.now.seconds,
            lifetime: 80 * 86_400 + 3600,
            allowsAdmins: true,
            maximumServices: 100,
            maximumRecords: 800,
            namePrefix: "node-",
            addresses: [CIDR("10.0.0.0/24")!, CIDR("fd00::/64")!],
            podCIDRs: [CIDR("10.244.0.0/16")!, CIDR("fd00:1::/48")!],
            namespaces: ["default", "team-*"]
        ),
        by: Sample.root
    )!

    @Test func `a delegation is its golden bytes`() throws {
        try Golden.expect(Self.delegation.bytes, "delegation")
        #expect(try Delegation(decoding: Self.delegation.bytes) == Self.delegation)
    }

    @Test func `a delegated certificate is its golden bytes`() throws {
        var content = Sample.certificate.content
        content.labels = []
        let certificate = try #require(
            Certificate(signing: content, under: Self.delegation, by: Self.key)
        )
        try Golden.expect(certificate.bytes, "certificate-delegated")
        #expect(try Certificate(decoding: certificate.bytes) == certificate)
        let anchor = TrustAnchor(cluster: Sample.cluster, roots: [Sample.root.verifyingKey])
        #expect(certificate.problem(under: anchor, check: .real) == nil)
    }

    @Test func `a join token is its golden text`() throws {
        let token = try #require(
            JoinToken(
                anchor: TrustAnchor(cluster: Sample.cluster, roots: [Sample.root.verifyingKey]),
                delegation: Self.delegation,
                key: Self.key,
                clusterName: "home",
                peers: ["10.0.0.1:7747", "pi-2.lan:7747"]
            )
        )
        try Golden.expect(Array(token.text.utf8), "join-token")
        #expect(try JoinToken(token.text).text == token.text)
    }
}
