import ControlAPI
import Gossip
import Testing
import Vocabulary

@testable import Agent
@testable import Registry

/// What the agent remembers of what happened to services, and for how long.
struct EventLogTests {
    private var log = EventLog()

    private func name(_ text: String, in namespace: String = "default") throws -> ServiceName {
        try #require(ServiceName(namespace: namespace, name: text))
    }

    private mutating func note(
        _ service: ServiceName,
        _ message: String,
        at milliseconds: UInt64
    ) {
        let happening = EventLog.Happening(
            service: service,
            isWarning: false,
            reason: "Test",
            message: message
        )
        log.note(happening, at: WallTime(milliseconds: milliseconds))
    }

    private func events(
        namespace: String? = nil,
        name: String? = nil,
        limit: Int = 1000
    ) -> [ServiceEvent] {
        log.events(
            namespace: namespace,
            name: name,
            limit: limit,
            at: WallTime(milliseconds: 10_000)
        )
    }

    @Test mutating func `events are told oldest first, the limit keeps the latest`() throws {
        let web = try name("web")
        for number in 0..<5 { note(web, "\(number)", at: UInt64(number) * 1000) }
        #expect(events().map(\.message) == ["0", "1", "2", "3", "4"])
        #expect(events(limit: 2).map(\.message) == ["3", "4"])
        #expect(events(limit: 2).map(\.secondsAgo) == [7, 6])
    }

    @Test mutating func `what happens again is counted and moves to the end`() throws {
        let web = try name("web")
        note(web, "a", at: 1000)
        note(web, "b", at: 2000)
        note(web, "a", at: 3000)
        #expect(events().map(\.message) == ["b", "a"])
        #expect(events().map(\.count) == [1, 2])
        #expect(events().last?.secondsAgo == 7)
    }

    @Test mutating func `names and namespaces choose`() throws {
        note(try name("web"), "a", at: 0)
        note(try name("api"), "b", at: 0)
        note(try name("web", in: "shop"), "c", at: 0)
        #expect(events(name: "web").map(\.message) == ["a", "c"])
        #expect(events(namespace: "default").map(\.message) == ["a", "b"])
        #expect(events(namespace: "shop", name: "web").map(\.message) == ["c"])
        #expect(events(namespace: "none").isEmpty)
    }

    @Test mutating func `only the last thousand are remembered, and their counts`() throws {
        let web = try name("web")
        note(web, "again", at: 0)
        for number in 0..<1500 {
            note(web, "\(number)", at: 1)
            if number % 100 == 0 { note(web, "again", at: 1) }
        }
        let all = events()
        #expect(all.count == EventLog.limit)
        #expect(all.last?.message == "1499")
        #expect(all.first { $0.message == "again" }?.count == 16)
        note(web, "0", at: 2)
        #expect(events().last?.count == 1)
    }

    // MARK: What becomes an event

    private func change(
        _ reason: AddressChange.Reason,
        from: String? = "10.96.0.1",
        to: String? = "10.96.0.2"
    ) throws -> AddressChange {
        AddressChange(
            service: try name("web"),
            family: .v4,
            from: from.flatMap { IPAddress($0) },
            to: to.flatMap { IPAddress($0) },
            reason: reason
        )
    }

    @Test func `each change of an address is told with its reason`() throws {
        let told: [(AddressChange, String, String)] = [
            (try change(.assigned, from: nil), "AddressAssigned", "10.96.0.2"),
            (try change(.serviceGone, to: nil), "AddressReleased", "10.96.0.1"),
            (try change(.notWanted, to: nil), "AddressReleased", "IPv4"),
            (try change(.requested), "AddressRequested", "10.96.0.2"),
            (try change(.rangeGone), "AddressRangeGone", "10.96.0.1"),
            (try change(.withdrawn), "AddressWithdrawn", "10.96.0.1"),
            (try change(.lost(to: try name("api"))), "AddressLost", "default/api"),
            (try change(.lost(to: nil), to: nil), "AddressLost", "no IPv4 address now"),
            (try change(.betterClaim), "AddressReclaimed", "10.96.0.2"),
        ]
        for (change, reason, words) in told {
            let happening = try #require(Incident.addressChanged(change).happening)
            #expect(happening.reason == reason)
            #expect(happening.message.contains(words), "\(happening.message)")
            #expect(happening.service == change.service)
        }
    }

    @Test func `a change of an address is counted by its reason`() throws {
        let journal = Overheard().journal
        journal.note(.addressChanged(try change(.assigned, from: nil)), names: NameList([]))
        journal.note(.addressChanged(try change(.lost(to: nil))), names: NameList([]))
        journal.note(.addressChanged(try change(.lost(to: nil))), names: NameList([]))
        let text = journal.metrics.text
        #expect(text.contains("grapevine_address_changes_total{reason=\"assigned\"} 1"))
        #expect(text.contains("grapevine_address_changes_total{reason=\"lost\"} 2"))
    }

    @Test func `what belongs to no service is no event`() {
        #expect(Incident.refuted.happening == nil)
        let board = Board { WallTime(milliseconds: 0) }
        board.note(.refuted)
        #expect(board.events(namespace: nil, name: nil, limit: 10).isEmpty)
    }
}
