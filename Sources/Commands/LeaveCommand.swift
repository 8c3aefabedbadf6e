import ArgumentParser
import ControlAPI

/// `grapevine leave`.
struct LeaveCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave",
        abstract: "Take this machine out of the cluster, and end its agent.",
        discussion: """
            Its endpoints are withdrawn first; after two seconds, in which flows move elsewhere, the
            others are told that it is gone, and the agent ends. To stop the agent for a while is
            something else: kill -TERM, or systemctl stop, and it stays a member. What it declared lives
            on where others have copies. Start the agent again, and it is a member as before.
            """
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let reply = try await agent.ask(
            LeaveReply.self,
            AgentRequest(method: "POST", path: Route.leave)
        )
        let hasEnded = await hasEnded(agent)
        let text = try format.text(of: reply, words: reply.text, name: "node/\(reply.name)")
        guard hasEnded else {
            return Answer(
                text,
                failure: Failure(
                    .timedOut,
                    "the node has left, but its agent still answers: sudo systemctl stop grapevine"
                )
            )
        }
        return Answer(
            text,
            notes: [
                "Its agent has ended. Rules that it wrote are still there: grapevine table cleanup "
                    + "removes them."
            ]
        )
    }

    /// Whether nobody answers on the socket any more; the agent ends in a moment.
    private func hasEnded(_ agent: any AgentConnection) async -> Bool {
        for _ in 0..<200 {
            do {
                _ = try await agent.send(AgentRequest(path: Route.status, patience: .seconds(1)))
            } catch {
                return true
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

extension LeaveReply {
    /// What happened, in one sentence or two.
    fileprivate var text: String {
        let listeners = told == 1 ? "1 living member" : "\(told) living members"
        let farewell =
            told == 0
            ? "Nobody answered: the others will count this machine as dead, not as left"
            : "\(listeners) were sent the farewell"
        guard endpoints > 0 else { return "\(name) has left \(cluster). \(farewell)." }
        let drained = endpoints == 1 ? "1 endpoint was" : "\(endpoints) endpoints were"
        return "\(name) has left \(cluster). \(drained) withdrawn first, and flows had "
            + "\(MemberList.seconds(seconds)) to end. \(farewell)."
    }
}
