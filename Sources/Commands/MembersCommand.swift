import ArgumentParser
import ControlAPI

/// `grapevine members`.
struct MembersCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "members",
        abstract: "List who is a member, and who of them answers."
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let list = try await agent.get(MemberList.self, Route.members)
        let text = try list.text(format, headings: !output.noHeaders)
        let isTable = format == .table || format == .wide
        return Answer(text, notes: isTable ? [list.summary] : [])
    }
}

/// `grapevine status`.
struct StatusCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how the agent is; exit 3 where it is degraded or alone."
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let status = try await agent.get(StatusReply.self, Route.status)
        let text =
            switch format {
            case .table, .wide: Description.status(status)
            case .json: Rendering.json(status)
            case .yaml: try Rendering.yaml(status)
            case .name: "node/\(status.name)"
            }
        return Answer(
            text,
            status: [.degraded, .alone].contains(status.state) ? .unhealthy : .done
        )
    }
}
