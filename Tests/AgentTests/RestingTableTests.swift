import ControlAPI
import Foundation
import Host
import Testing

@testable import Agent

/// Rules that the agent does not write: while it is frozen, and after a cleanup.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct RestingTableTests {
    @Test func `frozen, it writes nothing, through a restart, and says what it holds back`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try place.serve()
            try await place.start()
            try await place.settle()
            _ = try await place.home.ask("m", "POST", Route.freeze)
            let before = try place.save()
            try await place.apply(Homestead.web())
            place.home.kill("m", SIGTERM)
            try await place.start()
            try await eventually("it says that it is frozen") {
                try await place.table().frozen
            }
            var difference: TableDifference?
            try await eventually("it says what it holds back") {
                let answer = try await place.home.ask("m", "GET", Route.tableDifference)
                difference = try? JSON.decode(TableDifference.self, from: answer.body)
                return difference?.runs.isEmpty == false
            }
            #expect(difference?.frozen == true)
            #expect(difference?.runs.contains { $0.text.contains("10.96.7.7") } == true)
            #expect(try place.save() == before)
            #expect(try await place.home.status("m").troubles.contains { $0.hasPrefix("GV2025") })
            // What the run before wrote is there, and is compared with what is wanted now.
            #expect(try await place.table().chains > 10)
            #expect(try await !place.verification().matches)
            #expect(try await place.table().programmed == false)
            _ = try await place.home.ask("m", "POST", Route.unfreeze)
            try await place.settle()
            #expect(Homestead.endpoints.contains(try place.dial("10.96.7.7")))
        }
    }

    @Test(arguments: TableTests.flavours)
    func `cleanup leaves nothing of ours`(flavour: String) async throws {
        try await Homestead.with(flavour) { place in
            try place.iptables("-t nat -A PREROUTING -p tcp --dport 9 -j RETURN")
            try place.iptables("-t filter -A INPUT -p tcp --dport 9 -j ACCEPT")
            let before = try place.save()
            try await place.start()
            try await place.apply(Homestead.web())
            try await place.settle()
            // No default route: the agent added one of its own.
            #expect(try place.run("ip route show proto 77").contains("10.96.0.0/16"))
            let answer = try await place.home.ask("m", "POST", Route.tableCleanup)
            let cleanup = try JSON.decode(TableCleanup.self, from: answer.body)
            #expect(cleanup.kept.contains("net.ipv4.ip_forward=1"))
            #expect(cleanup.removedChains.contains("GV-SERVICES"))
            func rules(_ text: String) -> [Substring] {
                text.split(separator: "\n").filter { $0.hasPrefix("-A") || $0.contains("GV-") }
            }
            #expect(try rules(place.save()) == rules(before))
            #expect(try place.run("ip route show proto 77") == "")
        }
    }

    @Test func `frozen while it runs, it says what somebody else leaves of the rules`() async throws
    {
        try await Homestead.with("nft") { place in
            try await place.start()
            try await place.apply(Homestead.web())
            try await place.settle()
            let before = try await place.table().rules
            _ = try await place.home.ask("m", "POST", Route.freeze)
            #expect(try await place.table().programmed)
            try await place.apply(Homestead.web("late", at: "10.96.7.8"))
            #expect(try await !place.table().programmed)
            #expect(try await !place.verification().matches)
            #expect(try await place.programmed() == ["late": false, "web": true])
            try place.iptables("-t nat -F")
            try await eventually("fewer rules are told of") {
                try await place.table().rules < before
            }
            #expect(try await place.programmed() == ["late": false, "web": false])
        }
    }

    /// It comes by each ten seconds, and what it finds must not make it come at once, for ever.
    @Test(arguments: [Route.freeze, Route.tableCleanup])
    func `an agent that may not write rests`(route: String) async throws {
        try await Homestead.with("nft") { place in
            try await place.start()
            try await place.apply(Homestead.web())
            try await place.settle()
            _ = try await place.home.ask("m", "POST", route)
            try await Task.sleep(for: .seconds(11))
            let before = try place.ticks()
            #expect(before > 0)
            try await Task.sleep(for: .seconds(1))
            #expect(try place.ticks() - before < 40, "hundredths of a second in one")
        }
    }
}
