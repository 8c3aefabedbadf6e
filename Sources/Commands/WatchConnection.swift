import ControlAPI
import Host

/// How a command hears of changes as they happen.
protocol WatchConnection: Sendable {
    /// The socket's path, for messages.
    var socket: String { get }

    /// Sends a request, and hands over the lines of its answer until that ends.
    ///
    /// - Throws: `ConnectionFailure` where it breaks off, `Failure` and `WatchRefusal` where the
    ///   agent says no, and whatever `take` throws.
    func follow(_ request: AgentRequest, _ take: (WatchLine) async throws -> Void) async throws
}

/// The agent says no to a watch.
struct WatchRefusal: Error, Sendable {
    let response: AgentResponse

    /// Its code, as far as it can be read.
    var code: String? { (try? JSON.decode(Problem.self, from: response.body))?.code }
}

extension HostConnection: WatchConnection {
    /// The agent says something at least every ten seconds.
    private static let silence = Duration.seconds(45)

    func follow(
        _ request: AgentRequest,
        _ take: (WatchLine) async throws -> Void
    ) async throws {
        let question = HTTPRequest(
            request.method,
            request.path,
            query: request.query.map { (name: $0.name, value: $0.value) }
        )
        var status = 0
        var rest: [UInt8] = []
        do {
            try await HTTPClient(path: socket).follow(question, silence: Self.silence) { piece in
                switch piece {
                case .head(let code, _): status = code
                case .body(let bytes):
                    rest += bytes
                    guard status == 200 else { return }
                    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                        let line = Array(rest[..<end])
                        rest.removeSubrange(...end)
                        try await take(Self.line(line))
                    }
                }
            }
        } catch let error as HTTPClientError {
            throw ConnectionFailure(error)
        }
        guard status == 200 else {
            throw WatchRefusal(response: AgentResponse(status: status, body: rest))
        }
    }

    private static func line(_ bytes: [UInt8]) throws -> WatchLine {
        do {
            return try JSON.decode(WatchLine.self, from: bytes)
        } catch {
            throw Failure(
                .failed,
                "a line of the watch is not understood: is the agent another version than "
                    + "\(Version.current)? (\(error.reason))"
            )
        }
    }
}
