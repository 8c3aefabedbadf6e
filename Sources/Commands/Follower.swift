import ControlAPI

/// Follows what changes for as long as it is let, over broken connections and restarts of the agent.
struct Follower: Sendable {
    let connection: any WatchConnection
    let kind: WatchKind
    let namespace: String?
    /// Remarks for people.
    var remark: @Sendable (String) -> Void = { Terminal.complain($0) }
    /// Waits between two attempts.
    var rest: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Attempts wait twice as long each, up to this.
    private static let longestPause = 8

    /// Hands over each line until the task is cancelled; bookmarks and errors are kept back, but for
    /// the bookmark that ends the burst.
    ///
    /// After a break it goes on where it was. Where the agent cannot, as after a restart, there
    /// comes a new burst, and a remark says so.
    ///
    /// - Throws: `Failure` where there never was an agent, or it says no.
    func run(_ take: (WatchLine) async throws -> Void) async throws {
        var revision: Int?
        var wasConnected = false
        var pause = 1
        while !Task.isCancelled {
            do {
                try await connection.follow(request(from: revision)) { line in
                    if !wasConnected || pause > 1 { pause = 1 }
                    wasConnected = true
                    if let rev = line.rev { revision = rev }
                    if line.type == .error {
                        remark("the agent ends the watch: \(line.hint ?? line.code ?? "?")")
                        return
                    }
                    if line.type != .bookmark || line.initialEventsEnd == true {
                        try await take(line)
                    }
                }
            } catch let refusal as WatchRefusal {
                switch refusal.code {
                case Problem.Code.goneRevision.rawValue:
                    remark("the agent started anew, or forgot where this was: all of it again")
                    revision = nil
                    continue
                case Problem.Code.notReady.rawValue, Problem.Code.tooManyWatchers.rawValue:
                    remark(Failure(refusal.response).message)
                default: throw Failure(refusal.response)
                }
            } catch let failure as ConnectionFailure {
                let words = Failure(failure, socket: connection.socket)
                guard wasConnected else { throw words }
                remark(words.message)
            }
            remark("trying again in \(pause) s")
            try await rest(.seconds(pause))
            pause = min(2 * pause, Self.longestPause)
        }
    }

    private func request(from revision: Int?) -> AgentRequest {
        let pairs = [
            (Route.kindQuery, kind.rawValue), (Route.namespaceChoice, namespace),
            (Route.fromQuery, revision.map { "\($0)" }),
        ]
        var request = AgentRequest(path: Route.watch)
        request.query = pairs.compactMap { name, value in
            value.map { AgentRequest.Query(name: name, value: $0) }
        }
        return request
    }
}
