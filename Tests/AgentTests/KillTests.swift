import ControlAPI
import Foundation
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// kill -9 at any moment: nothing that was confirmed is lost, and no history is written twice.
@Suite(.serialized)
struct KillTests {
    /// What a client knows of its services.
    private struct Confirmed {
        /// By name: its address.
        var present: [String: String] = [:]
        /// Where the kill came before the answer: it may be there or not.
        var doubtful: String?
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `what was confirmed is there after each of ten kills`(seed: UInt64) async throws {
        try await Household.with { home in
            try home.issue("a")
            var random = RandomStream(Seed(seed), "kills")
            var confirmed = Confirmed()
            var incarnation: UInt64 = 0
            for round in 0..<10 {
                try await home.start("a", node: 0)
                let seen = try await home.services("a")
                for (name, address) in confirmed.present where name != confirmed.doubtful {
                    #expect(seen[name] == address, "round \(round): \(name)")
                }
                let expected = Set(confirmed.present.keys).union([confirmed.doubtful ?? ""])
                #expect(expected.isSuperset(of: seen.keys), "round \(round)")
                confirmed = Confirmed(present: seen)
                let moment = random.duration(below: .milliseconds(60))
                try await change(home, round, &confirmed, &random, killedAfter: moment)
                let now = try await self.incarnation(home)
                #expect(now > incarnation)
                incarnation = now
            }
            #expect(!confirmed.present.isEmpty)
        }
    }

    /// Applies and deletes until the agent is gone.
    private func change(
        _ home: Household,
        _ round: Int,
        _ confirmed: inout Confirmed,
        _ random: inout RandomStream,
        killedAfter moment: Duration
    ) async throws {
        let process = try home.processID("a")
        let killer = Task {
            try? await Task.sleep(for: moment)
            kill(process, SIGKILL)
        }
        var number = 0
        while true {
            number += 1
            let names = confirmed.present.keys.sorted()
            if names.count > 5, random.chance(1, in: 3), let name = random.pick(names) {
                confirmed.doubtful = name
                let route = "\(Route.services)/default/\(name)"
                guard let reply = try? await home.ask("a", "DELETE", route) else { break }
                try #require(reply.status == 200)
                confirmed.present[name] = nil
            } else {
                let name = "s\(round)-\(number)"
                confirmed.doubtful = name
                let body = service(name)
                guard let reply = try? await home.ask("a", "POST", Route.apply, body: body) else {
                    break
                }
                try #require(reply.status == 200)
                let answer = try JSON.decode(ApplyReply.self, from: reply.body)
                confirmed.present[name] = try #require(answer.items.first?.clusterIP)
            }
            confirmed.doubtful = nil
        }
        await killer.value
        home.kill("a")
    }

    /// What the disk holds, read while no agent runs.
    private func incarnation(_ home: Household) async throws -> UInt64 {
        let store = try KeyedStore(directory: home.path("a.data"))
        let bytes = try #require(
            try await store.value(SavedState.factSpace, Array("incarnation".utf8))
        )
        var reader = ByteReader(bytes)
        return try reader.read(UInt64.self)
    }
}
