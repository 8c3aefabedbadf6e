import ControlAPI
import Testing

@testable import Commands

struct ConnectionTests {
    private static let failures: [(ConnectionFailure, Outcome, String)] = [
        (
            ConnectionFailure.noSocket, Outcome.unreachable,
            "grapevine: cannot reach the agent at /run/test.sock (no such file). "
                + "Is it running? sudo systemctl status grapevine"
        ),
        (
            ConnectionFailure.refused, Outcome.unreachable,
            "grapevine: cannot reach the agent at /run/test.sock (nobody listens). "
                + "Is it running? sudo systemctl status grapevine"
        ),
        (
            ConnectionFailure.broken("silent"), Outcome.unreachable,
            "grapevine: the agent at /run/test.sock did not answer (silent). "
                + "Is it running? sudo systemctl status grapevine"
        ),
        (
            ConnectionFailure.forbidden, Outcome.forbidden,
            "grapevine: cannot reach the agent at /run/test.sock: permission denied: the socket "
                + "is for group grapevine. sudo usermod -aG grapevine $USER, then log in again"
        ),
    ]

    @Test(arguments: failures)
    func `no reply says where, why and what next`(
        failure: ConnectionFailure,
        status: Outcome,
        text: String
    ) async throws {
        var agent = FakeAgent()
        agent.fail("GET /v1/members", failure)
        let thrown = await #expect(throws: Failure.self) { try await agent.run("members") }
        #expect(thrown?.status == status)
        #expect(thrown?.text == text)
    }

    @Test func `a refusal is said once, with its place`() async throws {
        var agent = FakeAgent()
        let problem = Problem(
            .refused,
            detail: "nothing was applied: service default/web: 10.96.0.7 is taken",
            hint: "Leave clusterIP out.",
            errors: [
                Problem.Mistake(
                    file: "web.yaml",
                    line: 3,
                    path: "service default/web",
                    detail: "10.96.0.7 is taken"
                )
            ]
        )
        agent.answer("DELETE /v1/services/default/web", problem, status: 422)
        let thrown = await #expect(throws: Failure.self) {
            try await agent.run("delete service web")
        }
        #expect(
            thrown?.text == """
                web.yaml:3: service default/web: 10.96.0.7 is taken
                grapevine: nothing was applied.
                Leave clusterIP out.
                """
        )
    }

    @Test func `a problem shows its mistakes, its detail and its hint`() async throws {
        var agent = FakeAgent()
        let problem = Problem(
            .refused,
            detail: "10.9.0.1 is outside 10.96.0.0/16.",
            hint: "Leave clusterIP out.",
            errors: [Problem.Mistake(file: "web.yaml", line: 3, detail: "outside")]
        )
        agent.answer("DELETE /v1/services/default/web", problem, status: 422)
        let thrown = await #expect(throws: Failure.self) {
            try await agent.run("delete service web")
        }
        #expect(thrown?.status == .failed)
        #expect(
            thrown?.text == """
                web.yaml:3: outside
                grapevine: 10.9.0.1 is outside 10.96.0.0/16.
                Leave clusterIP out.
                """
        )
    }

    @Test func `a reply of another version is an error and not an empty list`() async {
        var agent = FakeAgent()
        agent.answer("GET /v1/members", ["items": [1]])
        let thrown = await #expect(throws: Failure.self) { try await agent.run("members") }
        #expect(thrown?.status == .failed)
        #expect(thrown?.message.contains("is it another version than 0.1.0?") == true)
    }
}
