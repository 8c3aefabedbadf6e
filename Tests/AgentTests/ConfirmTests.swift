import ControlAPI
import Host
import Testing
import Vocabulary

/// Receipts and events of real agents, asked as curl would.
@Suite(.serialized)
struct ConfirmTests {
    private func confirm(_ home: Household, within: String) async throws -> ConfirmReply {
        let reply = try await home.ask(
            "a",
            "POST",
            Route.confirm,
            query: [(Route.withinQuery, within)]
        )
        #expect(reply.status == 200)
        return try JSON.decode(ConfirmReply.self, from: reply.body)
    }

    private func pair(_ home: Household) async throws {
        for (number, name) in ["a", "b"].enumerated() {
            try home.issue(name)
            try await home.start(name, node: number, peers: [1 - number])
        }
        try await eventually("they meet") {
            let (one, other) = (try await home.status("a"), try await home.status("b"))
            return one.members.alive == 2 && other.members.alive == 2
                && one.state == .working && other.state == .working
        }
    }

    @Test func `what was applied is seen by both, and one that is killed is named`() async throws {
        try await Household.with { home in
            try await pair(home)
            _ = try await home.ask("a", "POST", Route.apply, body: service("web"))
            let seen = try await confirm(home, within: "9")
            #expect(seen.seen == 2 && seen.of == 2 && seen.missing == [])
            // Its view follows within 50 ms.
            try await eventually("b shows it") { try await home.services("b")["web"] != nil }
            home.kill("b")
            _ = try await home.ask("a", "POST", Route.apply, body: service("api"))
            let unseen = try await confirm(home, within: "0.2")
            #expect(unseen.seen == 1 && unseen.of == 2 && unseen.missing == ["b"])
            #expect(unseen.seconds >= 0.2)
        }
    }

    @Test func `an agent stops though somebody waits for receipts`() async throws {
        try await Household.with { home in
            try await pair(home)
            home.kill("b")
            _ = try await home.ask("a", "POST", Route.apply, body: service("api"))
            let client = HTTPClient(path: home.path("a.sock"), timeout: .seconds(60))
            let question = HTTPRequest("POST", Route.confirm, query: [(Route.withinQuery, "600")])
            async let waiting = client.send(question)
            // By then the first question is asked, too.
            _ = try await confirm(home, within: "0.5")
            home.kill("a", 15)
            let reply = try await waiting
            let problem = try JSON.decode(Problem.self, from: reply.body)
            #expect(problem.detail.contains("stopping"))
        }
    }

    @Test func `a time that cannot be waited and a number that is none are refused`()
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            for within in ["0", "-1", "601", "nan", "inf", "soon", ""] {
                let reply = try await home.ask(
                    "a",
                    "POST",
                    Route.confirm,
                    query: [(Route.withinQuery, within)]
                )
                #expect(reply.status == 400, "\(within)")
                let problem = try JSON.decode(Problem.self, from: reply.body)
                #expect(problem.code == "bad_request")
                #expect(problem.hint?.contains("at most 600") == true)
            }
            for limit in ["0", "1001", "all"] {
                let reply = try await home.ask(
                    "a",
                    "GET",
                    Route.events,
                    query: [(Route.limitQuery, limit)]
                )
                #expect(reply.status == 400, "\(limit)")
            }
            #expect(try await home.ask("a", "GET", Route.confirm).status == 405)
            #expect(try await home.ask("a", "POST", Route.events).status == 405)
        }
    }

    @Test func `an address that comes and goes is told as two events`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            try await eventually("it works") { try await home.status("a").state == .working }
            _ = try await home.ask("a", "POST", Route.apply, body: service("web"))
            let address = try #require(try await home.services("a")["web"])
            _ = try await home.ask("a", "DELETE", Route.service(namespace: "default", name: "web"))
            let list = try await home.read("a", Route.events, as: EventList.self)
            #expect(list.items.map(\.reason) == ["AddressAssigned", "AddressReleased"])
            #expect(list.items.allSatisfy { $0.message.contains(address) && $0.name == "web" })
        }
    }
}
