import ControlAPI

/// How commands talk to the agent: one request, one reply.
protocol AgentConnection: Sendable {
    /// The socket's path, for messages.
    var socket: String { get }

    /// Sends a request and waits for the whole reply.
    ///
    /// - Throws: `ConnectionFailure` where there is no reply; a reply of any status is none.
    func send(_ request: AgentRequest) async throws(ConnectionFailure) -> AgentResponse
}

/// One HTTP request to the agent.
struct AgentRequest: Hashable, Sendable {
    var method = "GET"
    var path: String
    /// Not escaped yet.
    var query: [Query] = []
    var contentType: String?
    var body: [UInt8] = []
    /// How long the reply may take.
    var patience = Duration.seconds(30)

    struct Query: Hashable, Sendable {
        let name: String
        let value: String
    }
}

struct AgentResponse: Hashable, Sendable {
    var status: Int
    var body: [UInt8]

    init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why there was no reply.
enum ConnectionFailure: Error, Hashable, Sendable {
    case noSocket
    /// The socket is there, and nobody listens.
    case refused
    case forbidden
    /// It broke off, or what came is no HTTP.
    case broken(String)
}

extension AgentConnection {
    /// Asks, and reads the reply.
    ///
    /// - Throws: `Failure`, with the exit status that the interface design fixes.
    func ask<Reply: Decodable>(
        _: Reply.Type,
        _ request: AgentRequest
    ) async throws(Failure) -> Reply {
        let response: AgentResponse
        do {
            response = try await send(request)
        } catch {
            throw Failure(error, socket: socket)
        }
        guard (200...299).contains(response.status) else { throw Failure(response) }
        do {
            return try JSON.decode(Reply.self, from: response.body)
        } catch {
            throw Failure(
                .failed,
                "the agent's reply to \(request.method) \(request.path) is not understood: is it "
                    + "another version than \(Version.current)? (\(error.reason))"
            )
        }
    }

    func get<Reply: Decodable>(_ reply: Reply.Type, _ path: String) async throws(Failure) -> Reply {
        try await ask(reply, AgentRequest(path: path))
    }
}

extension Failure {
    /// The texts of the interface design, section 5.2.
    init(_ failure: ConnectionFailure, socket: String) {
        let isItRunning = "Is it running? sudo systemctl status grapevine"
        switch failure {
        case .noSocket:
            let text = "cannot reach the agent at \(socket) (no such file). \(isItRunning)"
            self.init(.unreachable, text)
        case .refused:
            let text = "cannot reach the agent at \(socket) (nobody listens). \(isItRunning)"
            self.init(.unreachable, text)
        case .broken(let reason):
            let text = "the agent at \(socket) did not answer (\(reason)). \(isItRunning)"
            self.init(.unreachable, text)
        case .forbidden:
            self.init(
                .forbidden,
                "cannot reach the agent at \(socket): permission denied: the socket is for group "
                    + "grapevine. sudo usermod -aG grapevine $USER, then log in again"
            )
        }
    }

    /// What the agent says of a request it did not carry out.
    init(_ response: AgentResponse) {
        guard let problem = try? JSON.decode(Problem.self, from: response.body) else {
            self.init(.failed, "the agent answered with status \(response.status)")
            return
        }
        let hint = problem.hint.map { "\n\($0)" } ?? ""
        let absent: [Problem.Code] = [.memberNotFound, .serviceNotFound]
        let isNoMatch = absent.map(\.rawValue).contains(problem.code)
        // A refusal says all in one sentence, for programs that read no further; people have the
        // same on the lines before it, each with its place.
        let isTold =
            !problem.errors.isEmpty
            && problem.errors.allSatisfy { mistake in
                mistake.path.map { problem.detail.contains("\($0): \(mistake.detail)") } ?? false
            }
        self.init(
            isNoMatch ? .noMatch : .failed,
            (isTold ? "nothing was applied." : problem.detail) + hint,
            mistakes: problem.errors.map(\.text)
        )
    }
}
