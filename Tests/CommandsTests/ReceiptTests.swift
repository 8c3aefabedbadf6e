import ControlAPI
import Testing

@testable import Commands

/// What `apply`, `delete` and `expose` say of who has seen a change.
struct ReceiptTests {
    private let apply = "POST /v1/apply?namespace=default&file=expose"
    private let line = "expose web --port 80"

    private func agent(_ result: ApplyReply.Result) -> FakeAgent {
        var agent = FakeAgent()
        let item = ApplyReply.Item(
            kind: "Service",
            namespace: "default",
            name: "web",
            result: result,
            clusterIP: "10.96.0.7"
        )
        agent.answer(apply, ApplyReply(items: [item]))
        return agent
    }

    @Test func `to wait and not to wait exclude each other`() throws {
        let refusal = try #require(ParsingTests.refusal("\(line) --wait --no-wait"))
        #expect(refusal.message.contains("--no-wait"))
        #expect(refusal.message.contains("--wait"))
        #expect(refusal.code == 64)
    }

    @Test func `all have seen it`() async throws {
        var agent = agent(.created)
        agent.answer("POST /v1/confirm?within=2", ConfirmReply(seen: 5, of: 5, seconds: 0.384))
        let answer = try await agent.run(line)
        #expect(answer.output == "service/web created   ClusterIP 10.96.0.7")
        #expect(answer.notes == ["  seen by 5/5 members in 0.38 s"])
        #expect(answer.status == .done)
    }

    @Test func `not all have seen it, which is no failure unless somebody waits for it`()
        async throws
    {
        var agent = agent(.configured)
        let reply = ConfirmReply(seen: 4, of: 5, seconds: 2, missing: ["c"])
        agent.answer("POST /v1/confirm?within=2", reply)
        agent.answer("POST /v1/confirm?within=30", reply)
        agent.answer("POST /v1/confirm?within=0.5", reply)
        let notes = ["  seen by 4/5 members after 2.0 s; no word yet from c"]
        let plain = try await agent.run(line)
        #expect(plain.notes == notes && plain.status == .done)
        for wait in ["--wait", "--wait --timeout 500ms"] {
            let strict = try await agent.run("\(line) \(wait)")
            #expect(strict.notes == notes)
            #expect(strict.status == .timedOut)
            #expect(strict.status.rawValue == 4)
        }
    }

    @Test func `of many missing the first five are named`() async throws {
        var agent = agent(.created)
        let missing = (1...9).map { "pi-\($0)" }
        let reply = ConfirmReply(seen: 1, of: 10, seconds: 2, missing: missing)
        agent.answer("POST /v1/confirm?within=2", reply)
        let notes = try await agent.run(line).notes
        #expect(
            notes == [
                "  seen by 1/10 members after 2.0 s; no word yet from "
                    + "pi-1, pi-2, pi-3, pi-4, pi-5 and 4 more"
            ]
        )
    }

    @Test func `a member alone says so`() async throws {
        var agent = agent(.created)
        agent.answer("POST /v1/confirm?within=2", ConfirmReply(seen: 1, of: 1, seconds: 0))
        let notes = try await agent.run(line).notes
        #expect(notes == ["  seen by this member alone: no other one is alive here"])
    }

    @Test func `where nothing changed, or with --no-wait, nobody is asked`() async throws {
        #expect(try await agent(.unchanged).run(line).notes == [])
        #expect(try await agent(.created).run("\(line) --no-wait").notes == [])
    }

    @Test func `a delete is confirmed where something was deleted`() async throws {
        func item(_ result: DeleteReply.Result) -> DeleteReply {
            DeleteReply(items: [
                DeleteReply.Item(kind: "Service", namespace: "default", name: "web", result: result)
            ])
        }
        var agent = FakeAgent()
        agent.answer("DELETE /v1/services/default/web", item(.deleted))
        agent.answer("POST /v1/confirm?within=2", ConfirmReply(seen: 3, of: 3, seconds: 0.05))
        let gone = try await agent.run("delete service web")
        #expect(gone.notes == ["  seen by 3/3 members in 0.05 s"])
        var other = FakeAgent()
        other.answer("DELETE /v1/services/default/web", item(.notFound))
        let answer = try await other.run("delete service web")
        #expect(answer.notes == [])
        #expect(answer.status == .failed)
    }

    @Test func `an agent that cannot be asked is a failure only for who waits`() async throws {
        var agent = agent(.created)
        agent.fail("POST /v1/confirm?within=2", .refused)
        agent.fail("POST /v1/confirm?within=30", .refused)
        let plain = try await agent.run(line)
        #expect(plain.status == .done && plain.failure == nil)
        #expect(
            plain.notes.first?.hasPrefix("  changed; how far it has come is not known: ") == true
        )
        let strict = try await agent.run("\(line) --wait")
        #expect(strict.failure?.status == .unreachable)
    }

    @Test func `the client waits longer than the agent`() {
        var request = AgentRequest(path: "/")
        request.patience += .seconds(600)
        #expect(request.patience > Route.longestWait)
    }

    // MARK: Times

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("2s", .seconds(2)), ("1m", .seconds(60)),
        ("10m", .seconds(600)), ("600s", .seconds(600)),
    ])
    func `a time is a number and a unit`(text: String, duration: Duration) {
        #expect(Patience(argument: text)?.duration == duration)
    }

    @Test(arguments: [
        "", "2", "s", "0s", "-1s", "1.5s", "11m", "601s", "2h", "1 s", "99999999999s",
    ])
    func `anything else is none`(text: String) {
        #expect(Patience(argument: text) == nil)
    }

    @Test(arguments: ["--timeout 2s", "--no-wait --timeout 2s", "--wait --timeout 2"])
    func `a timeout needs somebody who waits, and a unit`(options: String) {
        #expect(ParsingTests.refusal("\(line) \(options)")?.code == 64)
    }
}
