import ControlAPI
import Foundation
import Host
import Testing

/// Machines that go for good, and come back.
@Suite(.serialized)
struct LeaveTests {
    private func leave(_ home: Household, _ name: String) throws -> Int32 {
        try home.run(["--socket", home.path("\(name).sock"), "leave"]).status
    }

    @Test func `who leaves is not waited for, and its agent ends well`() async throws {
        try await Household.with { home in
            for (node, name) in ["a", "b"].enumerated() {
                try home.issue(name)
                try await home.start(name, node: node, peers: node == 0 ? [] : [0])
            }
            let yaml = service("web") + slice("web-b", of: "web", at: "10.1.0.2")
            _ = try await home.ask("b", "POST", Route.apply, body: yaml)
            try await eventually("a sees the endpoint") {
                try await home.status("a").endpoints == 1
            }
            #expect(try leave(home, "b") == 0)
            #expect(try await home.end(of: "b") == 0)
            let status = try await home.status("a")
            #expect(status.members.left == 1)
            #expect(status.members.dead == 0)
            #expect(status.endpoints == 0)
            #expect(!FileManager.default.fileExists(atPath: home.path("b.sock")))
        }
    }

    @Test func `who left is a member again after the next start, with what it offered`()
        async throws
    {
        try await Household.with { home in
            for (node, name) in ["a", "b"].enumerated() {
                try home.issue(name)
                try await home.start(name, node: node, peers: node == 0 ? [] : [0])
            }
            let yaml = service("web") + slice("web-b", of: "web", at: "10.1.0.2")
            _ = try await home.ask("b", "POST", Route.apply, body: yaml)
            #expect(try leave(home, "b") == 0)
            _ = try await home.end(of: "b")
            try await home.start("b", node: 1, peers: [0])
            try await eventually("a sees it as before") {
                let status = try await home.status("a")
                return status.members.alive == 2 && status.members.left == 0
                    && status.endpoints == 1
            }
        }
    }

    @Test func `who is stopped stays a member`() async throws {
        try await Household.with { home in
            for (node, name) in ["a", "b"].enumerated() {
                try home.issue(name)
                try await home.start(name, node: node, peers: node == 0 ? [] : [0])
            }
            try await eventually("they meet") { try await home.status("a").members.alive == 2 }
            home.kill("b", SIGTERM)
            #expect(try await home.status("a").members.left == 0)
        }
    }

    @Test func `why a member counts as it does is told by name and by id`() async throws {
        try await Household.with { home in
            for (node, name) in ["a", "b"].enumerated() {
                try home.issue(name)
                try await home.start(name, node: node, peers: node == 0 ? [] : [0])
            }
            try await eventually("they meet") { try await home.status("a").members.alive == 2 }
            let file = try await home.read("a", Route.member("b"), as: MemberCaseReply.self)
            #expect(file.member.name == "b")
            #expect(file.member.state == .alive)
            #expect(file.words.isEmpty)
            #expect(file.jurors == ["a"] || file.jurors == ["a", "b"])
            let id = file.member.id
            let short = String(id.prefix(8))
            for name in [id, short] {
                let same = try await home.read("a", Route.member(name), as: MemberCaseReply.self)
                #expect(same.member.id == id)
            }
            home.kill("b")
            try await eventually("a buries it") { try await home.status("a").members.dead == 1 }
            let dead = try await home.read("a", Route.member("b"), as: MemberCaseReply.self)
            #expect(dead.member.state == .dead)
            #expect(dead.words.map(\.accuser) == ["a"])
            #expect(dead.lastProbe?.outcome == .refused || dead.lastProbe?.outcome == .failed)
            #expect(try await home.ask("a", "GET", Route.member("nobody")).status == 404)
            #expect(try await home.ask("a", "GET", Route.member("a")).status == 422)
        }
    }

    @Test func `a socket that is taken is all that an agent complains of`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            var arguments = home.arguments("b", node: 1, peers: [])
            arguments[arguments.firstIndex(of: home.path("b.sock")) ?? 0] = home.path("a.sock")
            let (status, complaint) = try home.run(arguments)
            #expect(status == 1)
            #expect(complaint.contains("is in use by another agent"))
            #expect(!complaint.contains("CancellationError"))
            #expect(!complaint.contains("Check the disk"))
        }
    }
}
