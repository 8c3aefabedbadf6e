import ArgumentParser
import ControlAPI
import Testing

@testable import Commands

/// `members --why`, what stands under the list, and `leave`.
struct MemberCaseTests {
    private static let suspect = MemberCaseReply(
        member: Replies.members.items[1],
        stateSeconds: 3,
        incarnation: 7,
        sequence: 2,
        jurors: ["pi-4", "pi-1"],
        words: [
            MemberCaseReply.Word(accuser: "pi-9", seconds: 20, counts: false),
            MemberCaseReply.Word(accuser: "pi-1", seconds: 4.2, counts: true),
        ],
        deadInSeconds: 2.5,
        neededToSuspect: 2,
        neededToBury: 3,
        lastProbe: MemberCaseReply.Probe(
            seconds: 1,
            outcome: .failed,
            relaysAsked: 3,
            relaysThatFailed: 2
        ),
        troubles: [Replies.trouble],
        selfHealth: 1
    )

    @Test func `the evidence is told in sentences`() async throws {
        var agent = FakeAgent()
        agent.answer("GET /v1/members/pi-3", Self.suspect)
        let answer = try await agent.run("members --why pi-3")
        #expect(answer.status == .done)
        #expect(
            answer.output == """
                pi-3 (10.0.0.3:7747) is SUSPECT here, for 3.0s: new flows avoid it where another \
                endpoint is ready.
                It was heard 14s ago; its answers take 1.4 ms; it did not hold what this node holds \
                when it last said so.
                2 members said that it does not answer, and 1 of these words counts:
                  pi-1, 4.2s ago
                  pi-9, 20s ago, which does not count: it is dead or gone itself
                Unless it answers them, it counts as dead in 2.5s.
                It takes 2 accusers to make it suspect, and 3 to count it dead when its time to \
                answer is over.
                Its jurors, who look for themselves at the first word against it: pi-1, pi-4.
                This node's last probe of it, 1.0s ago, was not answered, nor could 3 relays reach \
                it (2 said so).
                This node itself is not well (1 of 4): answers come late here, so it waits longer \
                before it accuses.
                ! GV1065 pi-3: it is deaf. There: look.
                """
        )
        let json = try await agent.run("members --why pi-3 -o json").output
        #expect(json == Rendering.json(Self.suspect))
    }

    @Test func `a member that nobody knows is no match`() async throws {
        var agent = FakeAgent()
        let problem = Problem(.memberNotFound, detail: "no member x is known here")
        agent.answer("GET /v1/members/x", problem, status: 404)
        let thrown = await #expect(throws: Failure.self) { try await agent.run("members --why x") }
        #expect(thrown?.status == .noMatch)
    }

    @Test(arguments: ["a/b", "..%2f", "a b", "é"])
    func `what can be no name is not asked for`(name: String) {
        #expect(throws: (any Error).self) {
            try Grapevine.parseAsRoot(["members", "--why", name])
        }
    }

    @Test func `who is no member and what is to be mended stands under the list`() async throws {
        var agent = FakeAgent()
        let outsider = OutsiderNote(
            name: "pi-7",
            id: "07",
            address: "10.0.0.7:7747",
            reason: "a root revoked it"
        )
        agent.answer(
            "GET /v1/members",
            MemberList(
                Replies.members.items,
                outsiders: [outsider],
                troubles: [Replies.trouble]
            )
        )
        let notes = try await agent.run("members").notes
        #expect(
            notes.dropFirst() == [
                "no member: pi-7 at 10.0.0.7:7747: a root revoked it",
                "! GV1065 pi-3: it is deaf. There: look.",
            ]
        )
    }

    @Test func `leave says what happened, once the agent has ended`() async throws {
        var agent = FakeAgent()
        let reply = LeaveReply(name: "pi-3", cluster: "home", endpoints: 2, told: 4, seconds: 2.31)
        agent.answer("POST /v1/leave", reply)
        agent.fail("GET /v1/status", .noSocket)
        let answer = try await agent.run("leave")
        #expect(
            answer.output
                == "pi-3 has left home. 2 endpoints were withdrawn first, and flows had 2.3s to end. "
                + "4 living members were sent the farewell."
        )
        #expect(answer.failure == nil)
        #expect(answer.notes.first?.contains("grapevine table cleanup") == true)
        #expect(try await agent.run("leave -o json").output == Rendering.json(reply))
    }
}
