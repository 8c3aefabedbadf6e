import ControlAPI
import Foundation
import Host
import Testing

/// Agents as people run them: processes, sockets, disks, signals.
@Suite(.serialized)
struct LifeTests {
    @Test func `three agents meet, and what one is told all see`() async throws {
        try await Household.with { home in
            for (node, name) in ["a", "b", "c"].enumerated() {
                try home.issue(name)
                try await home.start(name, node: node, peers: node == 0 ? [] : [0])
            }
            try await eventually("all see three alive") {
                for name in ["a", "b", "c"] where try await home.status(name).members.alive != 3 {
                    return false
                }
                return true
            }
            let yaml = service("web") + slice("web-a", of: "web", at: "10.1.0.1")
            let reply = try await home.ask("a", "POST", Route.apply, body: yaml)
            #expect(reply.status == 200)
            try await eventually("all have one view with the service") {
                let a = try await home.status("a")
                let b = try await home.status("b")
                let c = try await home.status("c")
                return a.services == 1 && a.endpoints == 1
                    && Set([a.viewDigest, b.viewDigest, c.viewDigest]).count == 1
            }
            let address = try await home.services("a")["web"]
            #expect(try await home.services("c")["web"] == address)
            #expect(address?.hasPrefix("10.96.") == true)
        }
    }

    @Test func `what was confirmed survives kill -9, with its address`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            for index in 0..<20 {
                let reply = try await home.ask("a", "POST", Route.apply, body: service("s\(index)"))
                #expect(reply.status == 200)
            }
            let before = try await home.services("a")
            home.kill("a")
            try await home.start("a", node: 0)
            let after = try await home.services("a")
            #expect(before.count == 20)
            #expect(after == before)
        }
    }

    @Test func `an agent that begins again is a member again, and its services keep their address`()
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            try await home.start("b", node: 1, peers: [0])
            _ = try await home.ask("b", "POST", Route.apply, body: service("web"))
            try await eventually("a sees it") { try await home.services("a").count == 1 }
            let before = try await home.services("a")
            home.kill("b", SIGTERM)
            #expect(try await home.services("a") == before)
            try await home.start("b", node: 1, peers: [0])
            try await eventually("one view again, both alive") {
                let a = try await home.status("a")
                let b = try await home.status("b")
                let seen = try await home.services("a")
                return a.viewDigest == b.viewDigest && a.members.alive == 2
                    && b.members.alive == 2 && seen == before
            }
        }
    }

    @Test func `a dead machine's endpoints go, and its services stay`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            try await home.start("b", node: 1, peers: [0])
            let yaml = service("web") + slice("web-b", of: "web", at: "10.1.0.2")
            _ = try await home.ask("b", "POST", Route.apply, body: yaml)
            try await eventually("a sees the endpoint") {
                try await home.status("a").endpoints == 1
            }
            home.kill("b")
            try await eventually("the endpoint is gone on a") {
                try await home.status("a").endpoints == 0
            }
            #expect(try await home.status("a").members.dead == 1)
            #expect(try await home.services("a").count == 1)
        }
    }

    @Test(.enabled(if: Privilege.isRoot, "only root can make a small disk"))
    func `a wish that a full disk refuses was never made, and can be made again`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.onSmallDisk("a") {
                try await home.start("a", node: 0)
                let first = try await home.ask("a", "POST", Route.apply, body: service("before"))
                #expect(first.status == 200)
                let filler = home.path("a.data/fill")
                home.fill(filler)
                var refused: String?
                for index in 0..<200 where refused == nil {
                    let body = service("lost\(index)")
                    let reply = try await home.ask("a", "POST", Route.apply, body: body)
                    if reply.status == 500 { refused = "lost\(index)" }
                }
                let name = try #require(refused)
                #expect(try await home.services("a")[name] == nil)
                #expect(try await home.status("a").state == .degraded)
                try FileManager.default.removeItem(atPath: filler)
                let again = try await home.ask("a", "POST", Route.apply, body: service(name))
                let reply = try JSON.decode(ApplyReply.self, from: again.body)
                #expect(reply.items.first?.result == .created)
                home.kill("a")
                try await home.start("a", node: 0)
                #expect(try await home.services("a")[name] != nil)
                home.kill("a")
            }
        }
    }
}
