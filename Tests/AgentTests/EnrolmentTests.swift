import Foundation
import Host
import Registry
import Sodium
import Testing
import Vocabulary

@testable import Agent

/// What a token makes of a machine, and the files that a root keeps.
struct EnrolmentTests {
    private let now = WallTime(milliseconds: 1_767_225_600_000)

    /// A root in a directory that is gone afterwards.
    private func withRoot(_ body: (inout RootDirectory, String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "gvtr-\(UInt64.random(in: 0...(.max)))").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var root = try RootDirectory.make(
            in: "\(path)/root",
            cluster: "home",
            ranges: AddressRanges(
                serviceCIDR: try #require(CIDR("10.96.0.0/16")),
                nodePorts: 30_000...32_767
            )
        )
        try body(&root, path)
    }

    private func complaint(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return "\(error)" }
        return nil
    }

    private func enrol(
        _ token: JoinToken,
        name: String = "edge-1",
        at time: WallTime
    ) throws -> Agent.Bundle {
        try Enrolment.enrol(
            token,
            name: name,
            addresses: [.v4(0x0a00_0001)],
            podCIDRs: [],
            at: time
        )
    }

    @Test func `a token makes a node with a key of its own, each time another one`() throws {
        try withRoot { root, path in
            let token = try root.token(TokenRequest(peers: ["10.0.0.9:7747"]), at: now)
            let bundle = try enrol(token, at: now)
            #expect(bundle.certificate.problem(under: root.anchor, check: .real) == nil)
            #expect(bundle.certificate.content.key == bundle.key.verifyingKey)
            #expect(try enrol(token, at: now).certificate.node != bundle.certificate.node)
            try bundle.writeDurably(to: "\(path)/node.bundle")
            let read = try Agent.Bundle.read("\(path)/node.bundle")
            #expect(read.certificate == bundle.certificate && read.key.seed == bundle.key.seed)
            #expect(read.cluster == nil && read.clusterName == "home")
            #expect(read.peers == ["10.0.0.9:7747"])
            let text = try String(contentsOfFile: "\(path)/node.bundle", encoding: .utf8)
            #expect(!text.contains(Data(token.key.seed).base64EncodedString()))
        }
    }

    @Test func `a token counts from its beginning to its end, and says both times`() throws {
        try withRoot { root, _ in
            let token = try root.token(TokenRequest(validSeconds: 60), at: now)
            #expect(throws: Never.self) {
                try enrol(token, at: now.advanced(by: .seconds(60)))
            }
            let late = complaint { _ = try enrol(token, at: now.advanced(by: .seconds(61))) }
            #expect(late?.contains("ended at 2026-01-01T00:01:00Z") == true)
            #expect(late?.contains("clock says 2026-01-01T00:01:01Z") == true)
            let early = complaint { _ = try enrol(token, at: now.advanced(by: .seconds(-3601))) }
            #expect(early?.contains("counts from 2025-12-31T23:00:00Z on") == true)
            #expect(early?.contains("clock says 2025-12-31T22:59:59Z") == true)
        }
    }

    @Test func `what a token does not allow is said before anything is written`() throws {
        try withRoot { root, _ in
            let token = try root.token(TokenRequest(namePrefix: "edge-"), at: now)
            let foreign = complaint { _ = try enrol(token, name: "pi-1", at: now) }
            #expect(foreign?.contains("names that begin with \"edge-\"") == true)
            let nameless = complaint { _ = try enrol(token, name: "", at: now) }
            #expect(nameless?.contains("--name NAME") == true)
        }
    }

    @Test func `a name and an address are issued once, until they end or are revoked`() throws {
        try withRoot { root, path in
            func request(_ name: String, _ address: UInt32) -> BundleRequest {
                let file = "\(path)/\(UInt32.random(in: 0...(.max))).bundle"
                return BundleRequest(name: name, addresses: [.v4(address)], path: file)
            }
            _ = try root.issue(request("a", 0x0a00_0001), at: now)
            // What was written down counts, and not what this value remembers.
            var again = try RootDirectory.open("\(path)/root")
            let name = complaint { _ = try again.issue(request("a", 0x0a00_0002), at: now) }
            #expect(name?.contains("was issued already") == true)
            let address = complaint { _ = try again.issue(request("b", 0x0a00_0001), at: now) }
            #expect(address?.contains("is the address of \"a\"") == true)
            let range = complaint { _ = try again.issue(request("b", 0x0a60_0001), at: now) }
            #expect(range?.contains("in the service range") == true)
            _ = try again.revoke("a", reason: "", at: now)
            _ = try again.issue(request("a", 0x0a00_0001), at: now)
            let later = now.advanced(by: .seconds(90 * 86_400))
            _ = try again.issue(request("a", 0x0a00_0001), at: later)
        }
    }

    @Test func `a certificate is renewed for its key, and never one that is revoked`() throws {
        try withRoot { root, path in
            let request = BundleRequest(
                name: "a",
                addresses: [.v4(0x0a00_0001)],
                labels: [KeyValue("zone", "b")],
                path: "\(path)/a.bundle"
            )
            _ = try root.issue(request, at: now)
            let first = try Agent.Bundle.read("\(path)/a.bundle")
            let later = now.advanced(by: .seconds(100 * 86_400))
            var again = try RootDirectory.open("\(path)/root")
            let renewed = try again.renew(try again.certificate(of: "a"), at: later)
            #expect(renewed.content.key == first.key.verifyingKey)
            #expect(renewed.content.labels == [KeyValue("zone", "b")])
            #expect(renewed.content.isValid(at: later))
            #expect(first.renewed(by: renewed).certificate == renewed)
            #expect(
                first.renewed(by: renewed).renewed(by: first.certificate).certificate == renewed
            )
            let twice = try again.renew(try again.certificate(of: "a"), at: later)
            #expect(twice.content.notBefore == renewed.content.notBefore + 1, "always later")
            #expect(try RootDirectory.open("\(path)/root").certificate(of: "a") == twice)
            _ = try again.revoke("\(path)/a.bundle", reason: "", at: later)
            #expect(
                complaint { _ = try again.renew(twice, at: later) }?.contains("revoked") == true
            )
        }
    }

    @Test func `who is to be revoked is found by name, id, file and token`() throws {
        try withRoot { root, path in
            let request = BundleRequest(
                name: "a",
                addresses: [.v4(0x0a00_0001)],
                path: "\(path)/a.bundle"
            )
            _ = try root.issue(request, at: now)
            let node = try Agent.Bundle.read("\(path)/a.bundle").certificate.node
            let token = try root.token(TokenRequest(), at: now)
            try TokenFile.write(token, to: "\(path)/token")
            for (target, id) in [
                ("a", node), ("\(path)/a.bundle", node), (node.description, node),
                (token.text, token.delegation.id), ("\(path)/token", token.delegation.id),
            ] {
                let record = try root.revoke(target, reason: "why", at: now)
                let revocation = try #require(record.revocation)
                #expect(revocation.node == id)
                #expect(revocation.reason == "why")
                #expect(revocation.until >= token.delegation.lastEnd || id == node)
                #expect(revocation.until >= now.seconds + Certificate.maximumLifetime)
            }
            #expect(root.ledger.revocations.count == 2, "each once")
            #expect(complaint { _ = try root.revoke("b", reason: "", at: now) } != nil)
        }
    }

    @Test func `a secret that everybody can read is not read`() throws {
        try withRoot { root, path in
            let token = try root.token(TokenRequest(), at: now)
            try TokenFile.write(token, to: "\(path)/token")
            #expect(try JoinToken(TokenFile.read("\(path)/token")).text == token.text)
            for file in ["\(path)/token", "\(path)/root/root.json"] {
                #expect(chmod(file, 0o644) == 0)
            }
            let words = complaint { _ = try TokenFile.read("\(path)/token") }
            #expect(words?.contains("chmod 600 \(path)/token") == true)
            #expect(complaint { _ = try RootDirectory.open("\(path)/root") } != nil)
        }
    }

    @Test func `a trust file says what it is, and damage is named`() throws {
        try withRoot { root, path in
            let record = try root.revoke(NodeID(7).description, reason: "", at: now)
            let file = TrustFile.record(record)
            #expect(try TrustFile(text: file.text, path: "x") == file)
            #expect(file.title == "the revocation of 00000000")
            try file.write(to: "\(path)/x.rec")
            #expect(try TrustFile(reading: "\(path)/x.rec") == file)
            #expect(complaint { try file.write(to: "\(path)/x.rec") }?.contains("x.rec") == true)
            for text in ["", "{}", "gv1.abc", String(repeating: "x", count: 70_000)] {
                let words = complaint { _ = try TrustFile(text: Array(text.utf8), path: "F") }
                #expect(words?.hasPrefix("F is no certificate") == true)
            }
            let text = String(decoding: file.text, as: UTF8.self)
            let cut = text.replacing(Data(record.bytes).base64EncodedString(), with: "AAAA")
            let words = complaint { _ = try TrustFile(text: Array(cut.utf8), path: "F") }
            #expect(words?.contains("is damaged") == true)
        }
    }
}
