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
        /// Absent where whoever built it did not say.
        let commit: String?
        /// Absent where none was reached.
        let agent: String?
        let agentCommit: String?
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        var version: String?
        var commit: String?
        var notes: [String] = []
        if !isOnlyClient {
            do {
                let status = try await agent.get(StatusReply.self, Route.status)
                version = status.version
                commit = status.commit
            } catch {
                notes.append("agent: \(error.message)")
            }
        }
        let reply = Reply(
            program: Version.current,
            commit: Version.commit,
            agent: version,
            agentCommit: commit
        )
        var difference: String?
        if let version, version != Version.current {
            difference = "version"
        } else if let commit, let own = Version.commit, commit != own {
            difference = "build"
        }
        if let difference {
            notes.append(
                "The agent is of another \(difference): sudo systemctl restart grapevine starts this "
                    + "one."
            )
        }
        let own = "grapevine \(Version.text(Version.current, Version.commit))"
        let lines = [own] + (version.map { ["agent \(Version.text($0, commit))"] } ?? [])
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
