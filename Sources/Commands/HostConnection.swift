import ControlAPI
import Host

/// The agent's socket, through the machine's door.
struct HostConnection: AgentConnection {
    let socket: String

    func send(_ request: AgentRequest) async throws(ConnectionFailure) -> AgentResponse {
        let headers = request.contentType.map { [(name: "Content-Type", value: $0)] } ?? []
        let question = HTTPRequest(
            request.method,
            request.path,
            query: request.query.map { (name: $0.name, value: $0.value) },
            headers: headers,
            body: .bytes(request.body)
        )
        do throws(HTTPClientError) {
            let answer = try await HTTPClient(path: socket, timeout: request.patience)
                .send(question)
            return AgentResponse(status: answer.status, body: answer.body)
        } catch {
            throw ConnectionFailure(error)
        }
    }
}

extension ConnectionFailure {
    init(_ error: HTTPClientError) {
        switch error {
        case .noSocket: self = .noSocket
        case .permissionDenied: self = .forbidden
        case .refused: self = .refused
        case .timedOut(_, let limit): self = .broken("silent for \(limit)")
        case .broken: self = .broken(error.description)
        }
    }
}
