import ControlAPI
import Testing

@testable import Commands

/// What `-o name` prints, by commands as they are run.
struct ObjectReferenceTests {
    private func agent() throws -> FakeAgent {
        var agent = FakeAgent()
        agent.answer("GET /v1/services", try Objects.services())
        agent.answer("GET /v1/endpoints", try Objects.endpoints())
        agent.answer("GET /v1/nodes", try Objects.nodes())
        return agent
    }

    @Test(arguments: [
        ("get services -o name", "service/web"),
        ("get services -A -o name", "service/default/web\nservice/shop/api"),
        ("get endpoints -A -o name", "endpointslice/default/web-pi-1"),
        ("get endpoints web-pi-1 -o name", "endpointslice/web-pi-1"),
        ("get nodes -o name", "node/pi-1\nnode/pi-3"),
        ("get nodes -A -o name", "node/pi-1\nnode/pi-3"),
    ])
    func `the namespace is said where more than one is shown`(line: String, names: String)
        async throws
    {
        #expect(try await agent().run(line).output == names)
    }

    @Test func `every name of a list finds its object again`() async throws {
        for list in ["get services -A", "get endpoints -A", "get nodes"] {
            let names = try await agent().run("\(list) -o name").output.split(separator: "\n")
            #expect(!names.isEmpty)
            for name in names {
                let words = try ObjectArguments.settled(["get", String(name), "-o", "name"])
                let again = try await agent().run(words.joined(separator: " "))
                #expect(again.output.split(separator: "/").last == name.split(separator: "/").last)
            }
        }
    }

    @Test(arguments: [
        ("get svc/shop/web -n a", "-n"), ("get svc/shop/web -na", "-na"),
        ("get svc/shop/web -n=a", "-n=a"), ("get svc/shop/web --namespace=a", "--namespace=a"),
        ("get svc/shop/web -A", "-A"),
    ])
    func `a namespace that is said twice is refused`(line: String, option: String) {
        let error = #expect(throws: Failure.self) {
            try ObjectArguments.settled(line.split(separator: " ").map(String.init))
        }
        #expect(
            error?.message == "\(option) and the namespace in svc/shop/web exclude each other"
        )
    }

    @Test func `a port's column of protocols is that of its application`() async throws {
        var agent = try agent()
        agent.answer("GET /v1/events?namespace=default&name=web&limit=20", EventList([]))
        agent.answer("GET /v1/table/connections?namespace=default&name=web", ConnectionList([]))
        let text = try await agent.run("describe service web").output
        #expect(text.contains("NAME  PORT    TARGET  NODE-PORT  APP-PROTOCOL"), "\(text)")
    }
}
