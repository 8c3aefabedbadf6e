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

    @Test func `queries are escaped`() {
        let query = [AgentRequest.Query(name: "file", value: "a b/ü&=.yaml")]
        let request = AgentRequest(path: "/v1/apply", query: query)
        #expect(request.target == "/v1/apply?file=a%20b/%C3%BC%26%3D.yaml")
    }

    // MARK: - HTTP

    private func parse(_ text: String) throws(ConnectionFailure) -> String {
        let response = try HTTPReply.parse(Array(text.utf8))
        return "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhixx", "200 hi"),
        ("HTTP/1.1 404 Not Found\r\n\r\nto the end", "404 to the end"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3;x=y\r\n yo\r\n0\r\n\r\n",
            "200 hi yo"
        ),
    ])
    func `a reply is read by length, by chunks or to its end`(text: String, reply: String) throws {
        #expect(try parse(text) == reply)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "hello\r\n\r\n", "HTTP/1.1 x OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nhi",
    ])
    func `half a reply is none`(text: String) {
        #expect(throws: ConnectionFailure.self) { try parse(text) }
    }
}
