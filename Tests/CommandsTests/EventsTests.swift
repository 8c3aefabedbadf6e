import ControlAPI
import Registry
import Testing
import Vocabulary

@testable import Commands

struct EventsTests {
    private func list() throws -> EventList {
        let name = try #require(ServiceName(namespace: "default", name: "web"))
        func event(_ isWarning: Bool, _ reason: String, _ message: String, count: Int)
            -> ServiceEvent
        {
            ServiceEvent(
                at: WallTime(milliseconds: 1000),
                asked: WallTime(milliseconds: 15_000),
                service: name,
                isWarning: isWarning,
                reason: reason,
                message: message,
                count: count
            )
        }
        return EventList([
            event(false, "AddressAssigned", "Its IPv4 address is 10.96.0.7.", count: 1),
            event(true, "SpecConflict", "pi-2 declared another spec.", count: 3),
        ])
    }

    @Test func `events are a table, the latest last`() async throws {
        var agent = FakeAgent()
        agent.answer("GET /v1/events?namespace=default", try list())
        agent.answer("GET /v1/events?namespace=shop&name=web&limit=5", EventList([]))
        agent.answer("GET /v1/events", try list())
        #expect(
            try await agent.run("events").output == """
                AGE       TYPE     REASON           OBJECT               MESSAGE
                14s       Normal   AddressAssigned  service/default/web  Its IPv4 address is 10.96.0.7.
                14s (x3)  Warning  SpecConflict     service/default/web  pi-2 declared another spec.
                """
        )
        #expect(try await agent.run("events -A -o json").output == Rendering.json(list()))
        let none = try await agent.run("events web -n shop --limit 5")
        #expect(none == Answer("", notes: ["No events of web in namespace shop; -A shows all."]))
        #expect(ParsingTests.refusal("events --limit 0")?.code == 64)
    }

    @Test func `describe service ends with what happened to it`() async throws {
        var agent = FakeAgent()
        agent.answer("GET /v1/services", try Objects.services())
        agent.answer("GET /v1/endpoints", try Objects.endpoints())
        agent.answer("GET /v1/events?namespace=default&name=web&limit=20", try list())
        agent.answer("GET /v1/table/connections?namespace=default&name=web", ConnectionList([]))
        let text = try await agent.run("describe service web").output
        #expect(
            text.contains(
                """
                Events:
                  AGE       TYPE     REASON           MESSAGE
                  14s       Normal   AddressAssigned  Its IPv4 address is 10.96.0.7.
                """
            )
        )
    }
}
