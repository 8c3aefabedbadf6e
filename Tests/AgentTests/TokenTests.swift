import ControlAPI
import Foundation
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// Machines that let themselves in, and what a root decides while agents run.
@Suite(.serialized)
struct TokenTests {
    /// The arguments of an agent that has a token in a file, and nothing else.
    private func guest(_ home: Household, _ name: String, node: Int, more: [String] = [])
        -> [String]
    {
        [
            "agent", "--token-file", home.path("token"), "--data-dir", home.path("\(name).data"),
            "--socket", home.path("\(name).sock"), "--bind", "127.0.0.1:\(home.port(of: node))",
            "--name", name, "--table", "none", "--dns", "off", "--http", "off",
        ] + more
    }

    private func makeToken(
        _ home: Household,
        root: String = "root",
        _ change: (inout TokenRequest) -> Void = { _ in }
    ) throws -> JoinToken {
        var request = TokenRequest(peers: ["127.0.0.1:\(home.port(of: 0))"])
        change(&request)
        var directory = try RootDirectory.open(home.path(root))
        let token = try directory.token(request, at: WallClock.now())
        unlink(home.path("token"))
        try TokenFile.write(token, to: home.path("token"))
        return token
    }

    private func load(_ home: Household, _ file: TrustFile, on name: String) async throws -> Int {
        let body = String(decoding: file.text, as: UTF8.self)
        return try await home.ask(name, "POST", Route.trust, body: body).status
    }

    private func alive(_ home: Household, _ name: String) async throws -> Int {
        try await home.status(name).members.alive
    }

    @Test func `an agent with only a token joins, and what it declares is seen`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            _ = try makeToken(home)
            try await home.start("b", arguments: guest(home, "b", node: 1))
            try await eventually("both see two alive") {
                let (a, b) = (try await alive(home, "a"), try await alive(home, "b"))
                return a == 2 && b == 2
            }
            let reply = try await home.ask("b", "POST", Route.apply, body: service("web"))
            #expect(reply.status == 200)
            try await eventually("a sees the service") {
                try await home.services("a")["web"]?.hasPrefix("10.96.") == true
            }
            // Without the token, from its disk: the same node.
            let before = try await home.status("b").nodeID
            home.kill("b", SIGTERM)
            try FileManager.default.removeItem(atPath: home.path("token"))
            try await home.start("b", arguments: guest(home, "b", node: 1))
            #expect(try await home.status("b").nodeID == before)
            let bundle = home.path("b.data/node.bundle")
            let mode = try FileManager.default.attributesOfItem(atPath: bundle)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            #expect(home.log("b").contains("listens on"))
        }
    }

    @Test func `a machine that is a member takes no notice of a token, but of another cluster's`()
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            _ = try makeToken(home)
            try await home.start("b", arguments: guest(home, "b", node: 1))
            home.kill("b", SIGTERM)
            _ = try makeToken(home)
            try await home.start("b", arguments: guest(home, "b", node: 1))
            #expect(home.log("b").contains("is b already: the token is not needed"))
            home.kill("b", SIGTERM)
            _ = try RootDirectory.make(
                in: home.path("other"),
                cluster: "lab",
                ranges: AddressRanges(
                    serviceCIDR: try #require(CIDR("10.97.0.0/16")),
                    nodePorts: 30_000...32_767
                )
            )
            _ = try makeToken(home, root: "other")
            let (status, complaint) = try home.run(guest(home, "b", node: 1))
            #expect(status == 1)
            #expect(complaint.contains("is of cluster \"home\""))
            #expect(complaint.contains("the token is for \"lab\""))
        }
    }

    @Test func `a revoked machine is gone everywhere, and says so itself`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            try await home.start("b", node: 1, peers: [0])
            _ = try await home.ask("b", "POST", Route.apply, body: service("web"))
            try await eventually("a sees it") { try await home.services("a").count == 1 }
            var root = try RootDirectory.open(home.path("root"))
            let record = try root.revoke("b", reason: "sold", at: WallClock.now())
            #expect(try await load(home, .record(record), on: "a") == 200)
            try await eventually("a forgot it") {
                let count = try await home.services("a").count
                return try await alive(home, "a") == 1 && count == 0
            }
            try await eventually("b knows") {
                try await home.status("b").troubles.contains { $0.contains("(sold)") }
            }
            let refused = try await home.ask("b", "POST", Route.apply, body: service("more"))
            #expect(refused.status == 422)
            // It stays so.
            home.kill("b")
            try await home.start("b", node: 1, peers: [0])
            try await eventually("b still knows") {
                let status = try await home.status("b")
                return status.state == .degraded
                    && status.troubles.contains { $0.contains("(sold)") }
            }
            #expect(try await alive(home, "a") == 1)
        }
    }

    @Test func `who revokes a token revokes whom it let in, but not who was renewed`() async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let token = try makeToken(home)
            for (node, name) in [(1, "b"), (2, "c")] {
                try await home.start(name, arguments: guest(home, name, node: node))
            }
            try await eventually("three meet") { try await alive(home, "a") == 3 }
            let answer = try await home.ask("b", "GET", Route.trust)
            guard case .certificate(let old) = try TrustFile(text: answer.body, path: "b") else {
                Issue.record("no certificate")
                return
            }
            var root = try RootDirectory.open(home.path("root"))
            let renewed = try root.renew(old, at: WallClock.now())
            #expect(try await load(home, .certificate(renewed), on: "a") == 422)
            #expect(try await load(home, .certificate(renewed), on: "b") == 200)
            try await eventually("a has b's new certificate") {
                try await home.ask("b", "GET", Route.trust).body
                    == TrustFile.certificate(renewed).text
            }
            let record = try root.revoke(token.text, reason: "", at: WallClock.now())
            #expect(try await load(home, .record(record), on: "b") == 200)
            try await eventually("c is out, b is in") {
                let state = try await home.status("c").state
                let count = try await alive(home, "a")
                return state == .degraded && count == 2
            }
            // The renewed certificate is on disk.
            home.kill("b")
            try await home.start("b", arguments: guest(home, "b", node: 1))
            try await eventually("b is a member again") { try await alive(home, "b") == 2 }
        }
    }

    @Test func `settings that one member loads hold for all, also after kill -9`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            try await home.start("b", node: 1, peers: [0])
            try await eventually("they meet") { try await alive(home, "a") == 2 }
            var root = try RootDirectory.open(home.path("root"))
            let drained = try #require(CIDR("10.96.0.0/16"))
            let added = try #require(CIDR("10.97.0.0/16"))
            let record = try root.change(adding: [added], draining: [drained])
            #expect(try await load(home, .record(record), on: "a") == 200)
            home.kill("a")
            try await home.start("a", node: 0)
            _ = try await home.ask("a", "POST", Route.apply, body: service("web"))
            try await eventually("b sees a service in the new range") {
                try await home.services("b")["web"]?.hasPrefix("10.97.") == true
            }
        }
    }

    @Test func `a certificate can be loaded into a data directory at rest`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            home.kill("a", SIGTERM)
            var root = try RootDirectory.open(home.path("root"))
            let renewed = try root.renew(try root.certificate(of: "a"), at: WallClock.now())
            let other = try root.renew(try root.certificate(of: "b"), at: WallClock.now())
            let directory = home.path("a.data")
            _ = try await StoppedNode.load(.certificate(renewed), into: directory)
            let error = await #expect(throws: AgentError.self) {
                try await StoppedNode.load(.certificate(other), into: directory)
            }
            #expect(error?.description.contains("belongs to \"a\"") == true)
            try await home.start("a", node: 0)
            let answer = try await home.ask("a", "GET", Route.trust)
            #expect(try TrustFile(text: answer.body, path: "a") == .certificate(renewed))
        }
    }

    @Test func `a bundle with a new key is another node, and its machine is told`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            home.kill("a", SIGTERM)
            try FileManager.default.removeItem(atPath: home.path("a.bundle"))
            #expect(throws: AgentError.self) { try home.issue("a") }
            try home.issue("a", replacesName: true)
            try await home.start("a", node: 0)
            #expect(home.log("a").contains("this bundle has another key than the one before"))
        }
    }
}
