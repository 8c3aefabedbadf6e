import ControlAPI
import Registry
import Testing
import Vocabulary

@testable import Commands

/// `diff`: what apply would change.
struct DiffTests {
    private static let shown = """
        apiVersion: v1
        kind: Service
        metadata: {name: web, labels: {app: web}}
        spec:
          type: NodePort
          ports: [{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP}]
        """

    private static let slice = """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        endpoints: [{addresses: [10.1.0.1]}]
        ports: [{name: http, port: 8080}, {name: dns, port: 53, protocol: UDP}]
        """

    /// An agent with the services of `Objects`, of which apply would make this.
    private func agent(
        _ file: String,
        _ kind: String,
        _ name: String,
        _ result: ApplyReply.Result
    ) throws -> FakeAgent {
        var agent = FakeAgent()
        agent.answer("GET /v1/services", try Objects.services())
        agent.answer("GET /v1/endpoints", try Objects.endpoints())
        agent.answer("GET /v1/status", Replies.status(.working))
        let item = ApplyReply.Item(kind: kind, namespace: "default", name: name, result: result)
        agent.answer(
            "POST /v1/apply/rehearsal?namespace=default&file=\(file)",
            ApplyReply(items: [item], warnings: ["w"])
        )
        return agent
    }

    private func diff(
        _ text: String,
        _ kind: String,
        _ name: String,
        _ result: ApplyReply.Result,
        _ options: String = ""
    ) async throws -> Answer {
        try await withFiles(["a.yaml": text]) { directory in
            let agent = try agent("\(directory)/a.yaml", kind, name, result)
            var answer = try await agent.run("diff -f \(directory)/a.yaml \(options)")
            answer.output = answer.output.replacing(directory, with: "DIR")
            return answer
        }
    }

    @Test func `a service as it is differs in nothing, whatever the cluster gave it`() async throws
    {
        let answer = try await diff(Self.shown, "Service", "web", .unchanged)
        #expect(answer == Answer("", notes: ["warning: w"]))
    }

    @Test func `what would change is marked line by line, and the exit code says so`() async throws
    {
        let text = Self.shown.replacing("8080", with: "9090")
        let answer = try await diff(text, "Service", "web", .configured)
        #expect(answer.status.rawValue == 1)
        #expect(
            answer.output == """
                --- service default/web (now)
                +++ service default/web (DIR/a.yaml)
                 apiVersion: v1
                 kind: Service
                 metadata:
                   labels:
                     app: web
                   name: web
                   namespace: default
                 spec:
                   ports:
                   - name: http
                     port: 80
                     protocol: TCP
                -    targetPort: 8080
                +    targetPort: 9090
                   - name: dns
                     port: 53
                     protocol: UDP
                     targetPort: 53
                   type: NodePort
                """
        )
    }

    @Test func `what is not there yet is all new`() async throws {
        let text = Self.shown.replacing("name: web,", with: "name: new,")
        let answer = try await diff(text, "Service", "new", .created)
        #expect(answer.output.hasPrefix("--- /dev/null\n+++ service default/new"))
        let lines = answer.output.split(separator: "\n").dropFirst(2)
        #expect(lines.allSatisfy { $0.hasPrefix("+") })
    }

    @Test func `endpoints are compared with what this node offers`() async throws {
        let same = try await diff(Self.slice, "EndpointSlice", "web-1", .unchanged)
        #expect(same.status == .done)
        let moved = Self.slice.replacing("10.1.0.1", with: "10.1.0.2")
        let answer = try await diff(moved, "EndpointSlice", "web-1", .configured)
        #expect(answer.status == .differs)
        #expect(answer.output.contains("-  - 10.1.0.1\n+  - 10.1.0.2"))
        let new = try await diff(Self.slice, "EndpointSlice", "web-1", .created)
        #expect(new.output.hasPrefix("--- /dev/null\n"))
    }

    @Test func `what cannot be compared is more than a difference`() async throws {
        let bad = Self.shown.replacing("port:", with: "prot:")
        let thrown = await #expect(throws: Failure.self) {
            try await diff(bad, "Service", "web", .unchanged)
        }
        #expect(thrown?.status.rawValue == 2)
        try await withFiles(["a.yaml": Self.shown]) { directory in
            var agent = FakeAgent()
            agent.fail(
                "POST /v1/apply/rehearsal?namespace=default&file=\(directory)/a.yaml",
                .noSocket
            )
            let deaf = agent
            let unreachable = await #expect(throws: Failure.self) {
                try await deaf.run("diff -f \(directory)/a.yaml")
            }
            #expect(unreachable?.status == .unreachable)
        }
    }

    @Test(
        arguments: [
            ("", "", ""), ("a", "a", ""), ("", "a", "+a"), ("a", "", "-a"),
            ("a\nb\nc", "a\nc\nd", " a\n-b\n c\n+d"), ("x\na\na", "a\na\nx", nil),
        ] as [(String, String, String?)]
    )
    func `lines taken back give the first text, and lines kept or added the second`(
        now: String,
        wanted: String,
        expected: String?
    ) {
        let text = LineDifference.text(from: now, to: wanted)
        if let expected { #expect(text == expected) }
        guard now != wanted else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let old = lines.filter { !$0.hasPrefix("+") }.map { $0.dropFirst() }
        let new = lines.filter { !$0.hasPrefix("-") }.map { $0.dropFirst() }
        #expect(old.joined(separator: "\n") == now)
        #expect(new.joined(separator: "\n") == wanted)
    }

    @Test func `as data it lists what differs, and nothing where all is the same`() async throws {
        let other = Self.shown.replacing("port: 53,", with: "port: 54,")
        let name = try await diff(other, "Service", "web", .configured, "-o name")
        #expect((name.output, name.status) == ("service/web", .differs))
        let path = "-o jsonpath={.kind}:{.items[0].result}:{.items[0].file}"
        let data = try await diff(other, "Service", "web", .configured, path)
        #expect(data.output == "DifferenceList:configured:DIR/a.yaml")
        let same = try await diff(Self.shown, "Service", "web", .unchanged, "-o jsonpath={.items}")
        #expect((same.output, same.status) == ("[]", .done))
    }
}
