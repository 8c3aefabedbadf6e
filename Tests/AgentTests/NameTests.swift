import ControlAPI
import Foundation
import Host
import Names
import Testing
import Vocabulary

@testable import Agent

/// A real agent that answers for names on this machine's loopback address.
struct NameTests {
    private let web = "web.default.svc.cluster.local"

    /// Answers nobody.
    private struct Silence: DatagramAnswerer {
        func beginTurn() {}
        func answer(_ message: [UInt8]) -> [UInt8]? { nil }
        func endTurn() {}
    }

    private func withAgent(
        _ body: (Household, PeerAddress) async throws -> Void
    ) async throws {
        try await Household.with { home in
            try home.issue("a")
            let place = PeerAddress(.v4(0x7f00_0001), port: PortBlock.take())
            try await home.start("a", node: 0, more: ["--dns", "\(place)"])
            try await body(home, place)
        }
    }

    private func ask(
        _ place: PeerAddress,
        _ name: String,
        _ type: RecordType = .a
    ) async throws -> AnswerText {
        let question = Question(try #require(DomainName(name)), type)
        let bytes = try await Inquirer(place).askOverUDP(question.message(id: 77)) {
            AnswerText($0)?.id == 77
        }
        return try #require(AnswerText(bytes))
    }

    private func metrics(_ home: Household) async throws -> String {
        String(decoding: try await home.ask("a", "GET", "/metrics").body, as: UTF8.self)
    }

    @Test func `a service has a name as soon as it is applied, and none when it is deleted`()
        async throws
    {
        try await withAgent { home, place in
            try await eventually("names are answered") {
                try await self.ask(place, "cluster.local", .soa).answers.count == 1
            }
            let before = try await self.ask(place, self.web)
            #expect(before.code == ResponseCode.nameError.rawValue)
            _ = try await home.ask("a", "POST", Route.apply, body: service("web"))
            let address = try #require(try await home.services("a")["web"])
            try await eventually("the name is there") {
                try await self.ask(place, self.web).answers == ["\(self.web). 5 IN A \(address)"]
            }
            let question = Question(try #require(DomainName(self.web)), .a).message(id: 3)
            let streamed = try await Inquirer(place).askOverTCP(question)
            #expect(AnswerText(streamed)?.answers.count == 1)
            let text = try await self.metrics(home)
            #expect(text.contains("grapevine_dns_queries_total{qtype=\"A\",rcode=\"NOERROR\"}"))
            #expect(text.contains("grapevine_dns_queries_total{qtype=\"A\",rcode=\"NXDOMAIN\"}"))
            #expect(text.contains("grapevine_dns_duration_seconds_bucket{le=\"+Inf\"}"))
            _ = try await home.ask("a", "DELETE", "/v1/services/default/web")
            try await eventually("the name is gone") {
                try await self.ask(place, self.web).code == ResponseCode.nameError.rawValue
            }
        }
    }

    @Test func `a port that is taken is told of, costs nothing else, and is tried again`()
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            let place = PeerAddress(.v4(0x7f00_0001), port: PortBlock.take())
            let holder = try DatagramServer.start(at: place) { Silence() }
            try await home.start("a", node: 0, more: ["--dns", "\(place)"])
            try await eventually("the holder is named") {
                try await home.status("a").troubles.contains { trouble in
                    trouble.hasPrefix("GV2050 UDP \(place) is in use by process ")
                        && trouble.contains("(pid \(getpid()))")
                }
            }
            let answer = try await home.ask("a", "POST", Route.apply, body: service("web"))
            #expect(answer.status == 200)
            #expect(try await self.metrics(home).contains("grapevine_troubles{code=\"GV2050\"} 1"))
            holder.stop()
            try await eventually("names are answered") {
                (try? await self.ask(place, self.web).answers.count) == 1
            }
            try await eventually("it is well again") {
                try await home.status("a").troubles == []
            }
            #expect(home.log("a").contains("GV2050"))
        }
    }

    @Test func `noise, mistakes and answers are counted, and whoever asks rightly is answered`()
        async throws
    {
        try await withAgent { home, place in
            try await eventually("names are answered") {
                try await self.ask(place, "cluster.local", .soa).answers.count == 1
            }
            let question = Question(try #require(DomainName(self.web)), .a).message(id: 9)
            var looped = question
            looped.replaceSubrange(12..., with: [0xc0, 12, 0, 1, 0, 1])
            let error = try await Inquirer(place).askOverUDP(looped) { _ in true }
            #expect(AnswerText(error)?.code == ResponseCode.formatError.rawValue)
            for noise in [[], [1], [UInt8](repeating: 0xff, count: 4000)] as [[UInt8]] {
                _ = try? await Inquirer(place, patience: .milliseconds(50))
                    .askOverUDP(noise) { _ in true }
            }
            #expect(try await self.ask(place, self.web).code == 3)
            let text = try await self.metrics(home)
            #expect(text.contains("{qtype=\"other\",rcode=\"FORMERR\"} 1"))
            #expect(text.contains("grapevine_dns_unanswered_total{reason=\"noise\"}"))
            #expect(!text.contains("grapevine_dns_unanswered_total{reason=\"noise\"} 0"))
        }
    }

    @Test func `an agent without names says so`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let answer = try await home.ask("a", "GET", Route.names)
            #expect(answer.status >= 400)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("--dns off"))
        }
    }
}
