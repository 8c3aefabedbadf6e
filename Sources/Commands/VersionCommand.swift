import ArgumentParser
import ControlAPI

/// `grapevine version`: of this program, and of the agent where one answers.
struct VersionCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this program, and of the agent where one answers."
    )

    @Flag(name: .customLong("client"), help: "Ask no agent.")
    var isOnlyClient = false
    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    /// What `-o json` shows.
    private struct Reply: Encodable {
        let program: String
        /// Absent where none was reached.
        let agent: String?
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        var version: String?
        var notes: [String] = []
        if !isOnlyClient {
            do {
                version = try await agent.get(StatusReply.self, Route.status).version
            } catch {
                notes.append("agent: \(error.message)")
            }
        }
        let reply = Reply(program: Version.current, agent: version)
        if let version, version != Version.current {
            notes.append(
                "The agent is of another version: sudo systemctl restart grapevine starts this one."
            )
        }
        let lines = ["grapevine \(reply.program)"] + (version.map { ["agent \($0)"] } ?? [])
        return Answer(
            try format.text(
                of: reply,
                words: lines.joined(separator: "\n"),
                name: Version.current
            ),
            notes: format.isForPeople ? notes : []
        )
    }
}
