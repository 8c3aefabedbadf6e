import ControlAPI
import Foundation
import Host
import Testing

@testable import Agent

/// Agents on disks that are damaged or full: they say so, and there is a way on.
@Suite(.serialized)
struct DiskTests {
    /// An agent with two services that was killed.
    private func withTwoServices(_ body: (Household, [String: String]) async throws -> Void)
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let yaml = service("whole") + service("spoiled")
            try #require(await home.ask("a", "POST", Route.apply, body: yaml).status == 200)
            let services = try await home.services("a")
            home.kill("a", SIGTERM)
            // Everything is in the files themselves. A log that stayed would mend what these
            // tests damage, for it has the last pages once more.
            for end in ["state.sqlite-wal", "snapshot.sqlite-wal"] {
                try? FileManager.default.removeItem(atPath: home.path("a.data/\(end)"))
            }
            try await body(home, services)
        }
    }

    /// Changes a letter of a name inside a wish, where SQLite notices nothing.
    private func spoil(_ home: Household) throws {
        let path = URL(filePath: home.path("a.data/state.sqlite"))
        var file = try Data(contentsOf: path)
        // The first is in the key, or in the wish: either way the row is another one.
        let place = try #require(file.range(of: Data("spoiled".utf8)))
        file[place.lowerBound] ^= 0x02
        try file.write(to: path)
    }

    @Test func `a damaged database stops the agent, and salvage keeps what is whole`()
        async throws
    {
        try await withTwoServices { home, before in
            try spoil(home)
            let damaged = try Data(contentsOf: URL(filePath: home.path("a.data/state.sqlite")))
            let arguments = home.arguments("a", node: 0, peers: [])
            let (status, complaint) = try home.run(arguments)
            #expect(status == 1)
            #expect(complaint.contains("a.data/state.sqlite is damaged"))
            #expect(complaint.contains("--salvage"))
            let file = try Data(contentsOf: URL(filePath: home.path("a.data/state.sqlite")))
            #expect(file == damaged)

            try await home.start("a", node: 0, more: ["--salvage"])
            let after = try await home.services("a")
            #expect(after == before.filter { $0.key == "whole" })
            #expect(home.log("a").contains("state.sqlite.damaged-1"))
            #expect(home.log("a").contains("Lost: wishes default/"))
            let again = try await home.ask("a", "POST", Route.apply, body: service("spoiled"))
            #expect(again.status == 200)
            // Once is enough; and a second time does no harm.
            home.kill("a")
            try await home.start("a", node: 0, more: ["--salvage"])
            #expect(try await home.services("a").count == 2)
            #expect(!home.log("a").contains("damaged"))
        }
    }

    @Test func `a damaged snapshot costs no service and no start`() async throws {
        try await withTwoServices { home, before in
            let path = URL(filePath: home.path("a.data/snapshot.sqlite"))
            try Data(repeating: 7, count: 5000).write(to: path)
            try await home.start("a", node: 0)
            #expect(try await home.services("a") == before)
            #expect(home.log("a").contains("is made anew"))
        }
    }

    @Test func `the database of a later version stops the agent`() async throws {
        try await withTwoServices { home, _ in
            let path = URL(filePath: home.path("a.data/state.sqlite"))
            var file = try Data(contentsOf: path)
            // The user version, in SQLite's own header (sqlite.org/fileformat.html, section 1.3).
            file[63] = 9
            try file.write(to: path)
            let (status, complaint) = try home.run(home.arguments("a", node: 0, peers: []))
            #expect(status == 1)
            #expect(complaint.contains("Upgrade grapevine on this machine"))
            #expect(try Data(contentsOf: path) == file)
        }
    }

    @Test(.enabled(if: Privilege.isRoot, "only root can make a small disk"))
    func `without room for its incarnation an agent does not start`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.onSmallDisk("a") {
                let filler = home.path("a.data/fill")
                home.fill(filler)
                let (status, complaint) = try home.run(home.arguments("a", node: 0, peers: []))
                #expect(status == 1)
                #expect(complaint.contains("no room left to write"))
                #expect(complaint.contains("nothing new is signed"))
                try FileManager.default.removeItem(atPath: filler)
                try await home.start("a", node: 0)
                home.kill("a")
            }
        }
    }

    @Test(.enabled(if: Privilege.isRoot, "only root can make a small disk"))
    func `when there is room again, an agent is well again by itself`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.onSmallDisk("a") {
                try await home.start("a", node: 0)
                let filler = home.path("a.data/fill")
                home.fill(filler)
                var status = 200
                for index in 0..<200 where status == 200 {
                    let body = service("a\(index)")
                    status = try await home.ask("a", "POST", Route.apply, body: body).status
                }
                #expect(status == 500)
                // Meanwhile others go on, and are seen.
                try await home.start("b", node: 1, peers: [0])
                let yaml = service("of-b")
                try #require(await home.ask("b", "POST", Route.apply, body: yaml).status == 200)
                try await eventually("a sees it") {
                    try await home.services("a")["of-b"] != nil
                }
                #expect(try await home.status("a").state == .degraded)
                try FileManager.default.removeItem(atPath: filler)
                try await eventually("a is well") { try await home.status("a").state == .working }
                home.kill("b")
                // It writes what it learned at the latest when it ends.
                home.kill("a", SIGTERM)
                try await home.start("a", node: 0)
                try await eventually("a knows it from its disk") {
                    try await home.services("a")["of-b"] != nil
                }
                home.kill("a")
            }
        }
    }
}
