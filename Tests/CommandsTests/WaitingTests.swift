import ControlAPI
import Registry
import Testing

@testable import Commands

/// `converged`, `wait`, `why` and `endpoint`.
struct WaitingTests {
    private func agent(_ members: MemberList = Replies.members) throws -> FakeAgent {
        var agent = FakeAgent()
        agent.answer("GET /v1/members", members)
        agent.answer("GET /v1/services", try Objects.services())
        agent.answer("GET /v1/endpoints", try Objects.endpoints())
        agent.answer("GET /v1/table", TableReply(flavour: "none", generation: 0, text: ""))
        return agent
    }

    private static let agreeing = MemberList([
        Member(
            name: "a",
            id: "1",
            address: "",
            state: .alive,
            isSelf: true,
            viewDigest: "abcdef99"
        ),
        Member(name: "b", id: "2", address: "", state: .alive, lastHeardSeconds: 1, agrees: true),
        Member(name: "c", id: "3", address: "", state: .left),
    ])

    @Test func `converged says who differs and ends with 3, in time with 0, too late with 4`()
        async throws
    {
        let split = try await agent().run("converged")
        #expect(split.status == .unhealthy)
        #expect(split.output == "2 of 3 members agree on view 9f31ab; pi-3 is suspect")
        let whole = try await agent(Self.agreeing).run("converged --wait 30s")
        #expect(
            (whole.status, whole.output) == (.done, "t+0.0 s  all 2 members agree on view abcdef")
        )
        let late = try await agent().run("converged --wait 300ms")
        #expect(late.status == .timedOut)
        let path = "converged -o jsonpath={.suspect[0]}"
        #expect(try await agent().run(path).output == "pi-3")
    }

    @Test func `a dead member is not converged unless it is left out`() async throws {
        let list = MemberList(
            Self.agreeing.items + [Member(name: "d", id: "4", address: "", state: .dead)]
        )
        #expect(try await agent(list).run("converged").status == .unhealthy)
        #expect(try await agent(list).run("converged --ignore-dead").status == .done)
    }

    @Test func `wait ends at once where it is so, and with 4 where it does not come`() async throws
    {
        let settled = try await agent().run("wait --for condition=addresssettled service/web")
        #expect(settled.output.hasPrefix("service/web AddressSettled=True"))
        #expect(
            try await agent().run("wait --for alive member/pi-4").output == "member/pi-4 is alive"
        )
        #expect(
            try await agent().run("wait --for delete svc/gone").output == "service/gone deleted"
        )
        let late = try await agent().run("wait --for delete service/web --timeout 10ms")
        #expect(late.status == .timedOut)
        #expect(late.failure?.message.hasPrefix("service/web: not in time: is still there") == true)
    }

    @Test(arguments: [
        "wait --for condition=Ready service/web", "wait --for alive service/web",
        "wait --for delete member/pi-1", "wait --for delete web", "wait service/web",
        "wait --for delete service/web --timeout 5", "wait --for suspect member/pi-1",
        "why 127.0.0.1", "why web", "endpoint add web", "endpoint add We 10.0.0.1",
        "trace", "trace web.a -n b", "doctor --peer a:b:c", "completion tcsh",
        "converged --wait 0s", "members -o xml",
    ])
    func `a line that makes no sense is refused before anybody is asked`(line: String) {
        let words = line.split(separator: " ").map(String.init)
        let error = #expect(throws: (any Error).self) { _ = try Parsing.command(words) }
        if let error { #expect(Parsing.exitCode(of: error) == 64) }
    }

    @Test func `why says what speaks for an endpoint`() async throws {
        var agent = try agent()
        agent.answer(
            "GET /v1/members/pi-1",
            MemberCaseReply(
                member: Replies.members.items[0],
                stateSeconds: 60,
                incarnation: 1,
                sequence: 1,
                neededToSuspect: 2,
                neededToBury: 2,
                selfHealth: 0
            )
        )
        let answer = try await agent.run("why 10.1.0.1:8080")
        #expect(answer.status == .done)
        #expect(
            answer.output == """
                10.1.0.1:8080 of default/web on pi-1: in rotation
                  ✓ pi-1 declares it ready
                  ✓ pi-1 is alive (this one)
                """
        )
    }

    @Test func `where rules lead is read from their text`() {
        let text = """
            *nat
            -A GV-SVC-X -p tcp -j DNAT --to-destination 10.1.2.5:8080
            -A GV-SVC-Y -p tcp -j DNAT --to-destination [fd00::5]:80
            COMMIT
            """
        #expect(WhyCommand.destinations(in: text) == ["10.1.2.5:8080", "[fd00::5]:80"])
    }

    @Test func `an endpoint that nobody has ends with 2`() async throws {
        do {
            _ = try await agent().run("why 10.9.9.9")
            Issue.record("it ended well")
        } catch let failure as Failure {
            #expect(failure.status == .noMatch)
            #expect(failure.message.hasPrefix("no service has an endpoint 10.9.9.9."))
        }
    }

    @Test func `an endpoint of a service with several ports takes none of its own`() async throws {
        let arguments = ["endpoint", "add", "web", "10.1.0.9:99"]
        let command = try Parsing.command(arguments)
        let add = try #require(command as? EndpointAdd)
        await #expect(throws: Failure.self) {
            _ = try await add.arguments.slice(agent(), [:], [.ready, .serving])
        }
        let plain = try #require(
            try Parsing.command(["endpoint", "add", "web", "10.1.0.9"]) as? EndpointAdd
        )
        let slice = try await plain.arguments.slice(agent(), [:], [.ready, .serving])
        #expect(slice.metadata.name == "ep-10-1-0-9")
        #expect(slice.ports.map(\.port) == [53, 8080])
    }
}
