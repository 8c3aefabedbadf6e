import ControlAPI
import Registry
import Testing

@testable import Commands

/// `-o` of the commands that describe, compare, change and wait.
struct OutputTests {
    private func agent() throws -> FakeAgent {
        var agent = FakeAgent()
        agent.answer("GET /v1/services", try Objects.services())
        agent.answer("GET /v1/endpoints", try Objects.endpoints())
        agent.answer("GET /v1/nodes", try Objects.nodes())
        agent.answer("GET /v1/members", Replies.members)
        agent.answer("GET /v1/events?namespace=default&name=web&limit=20", EventList([]))
        agent.answer("GET /v1/table/connections?namespace=default&name=web", ConnectionList([]))
        return agent
    }

    @Test(arguments: [
        ("describe service web -o name", "service/web"),
        (
            "describe service web -o jsonpath={.kind}/{.service.spec.clusterIP}",
            "ServiceDescription/10.96.113.20"
        ),
        ("describe service web -o jsonpath={.endpointSlices[*].metadata.name}", "web-pi-1"),
        ("describe node pi-1 -o name", "node/pi-1"),
        ("describe node pi-1 -o jsonpath={.kind}/{.node.addresses[0]}", "NodeDescription/10.1.0.1"),
        ("wait --for create service/web -o name", "service/web"),
        ("wait --for create service/web -o jsonpath={.metadata.namespace}", "default"),
        ("wait --for alive member/pi-4 -o jsonpath={.address}", "10.0.0.4:7747"),
        ("wait --for delete service/gone -o name", "service/gone"),
        ("wait --for delete service/gone -o json", ""),
    ])
    func `what is looked at is shown as data`(line: String, output: String) async throws {
        let answer = try await agent().run(line)
        #expect(answer.output == output)
        #expect(answer.status == .done)
    }

    @Test func `JSON and YAML say the same`() async throws {
        let json = try await agent().run("describe node pi-3 -o json").output
        let yaml = try await agent().run("describe node pi-3 -o yaml").output
        #expect(json.hasPrefix("{\n  \"apiVersion\": \"grapevine/v1\",\n  \"endpointSlices\": []"))
        #expect(yaml.hasPrefix("apiVersion: grapevine/v1\nendpointSlices: []\n"))
    }

    @Test func `what was deleted is named, and what was not found is no name`() async throws {
        var agent = FakeAgent()
        agent.answer(
            "DELETE /v1/services/default/web",
            DeleteReply(items: [
                DeleteReply.Item(
                    kind: "Service",
                    namespace: "default",
                    name: "web",
                    result: .deleted
                )
            ])
        )
        agent.answer(
            "DELETE /v1/services/default/api",
            DeleteReply(items: [
                DeleteReply.Item(
                    kind: "Service",
                    namespace: "default",
                    name: "api",
                    result: .notFound
                )
            ])
        )
        let name = try await agent.run("delete service web --no-wait -o name")
        #expect(name.output == "service/web")
        let missing = try await agent.run("delete service api --no-wait -o name")
        #expect((missing.output, missing.status) == ("", .failed))
        let path = "delete service api --no-wait -o jsonpath={.items[0].result}"
        #expect(try await agent.run(path).output == "notFound")
        let plain = try await agent.run("delete service api --no-wait")
        #expect(plain.output == "service/api not found")
    }

    @Test func `an endpoint that was added or taken out is what the agent says of its slice`()
        async throws
    {
        var agent = try agent()
        let item = ApplyReply.Item(
            kind: "EndpointSlice",
            namespace: "shop",
            name: "ep-10-1-0-9-80",
            result: .created
        )
        agent.answer("POST /v1/apply?namespace=shop&file=endpoint", ApplyReply(items: [item]))
        agent.answer(
            "POST /v1/delete?namespace=shop&file=endpoint",
            DeleteReply(items: [
                DeleteReply.Item(
                    kind: item.kind,
                    namespace: item.namespace,
                    name: item.name,
                    result: .deleted
                )
            ])
        )
        let line = "api 10.1.0.9 -n shop --no-wait"
        let added = try await agent.run("endpoint add \(line) -o name")
        #expect(added.output == "endpointslice/ep-10-1-0-9-80")
        let words = try await agent.run("endpoint add \(line)")
        #expect(words.output == "endpoint 10.1.0.9 of api added")
        let removed = try await agent.run("endpoint rm \(line) -o jsonpath={.items[0].result}")
        #expect(removed.output == "deleted")
    }
}
