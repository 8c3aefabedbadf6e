import ArgumentParser
import ControlAPI

/// `grapevine members`.
struct MembersCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "members",
        abstract: "List who is a member, and who of them answers.",
        discussion: """
            SAME says whether a member held the very records that this one held when it last told.
            Codes as GV1065 are explained under the list, and by grapevine explain GV1065.
            """,
        aliases: ["member", "peers"]
    )

    @Option(
        help: ArgumentHelp(
            "Say why this member counts as it does: who accuses it, since when, and what it takes.",
            valueName: "name"
        )
    )
    var why: String?

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func validate() throws {
        guard let why else { return }
        guard !why.isEmpty, why.utf8.count <= 64,
            why.allSatisfy({ ($0.isASCII && ($0.isLetter || $0.isNumber)) || "-._".contains($0) })
        else { throw ValidationError("--why \(why): neither a name nor an id of a member") }
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        if let why { return try await explain(why, format, agent) }
        let list = try await agent.get(MemberList.self, Route.members)
        let text = try list.text(format, headings: !output.noHeaders)
        return Answer(text, notes: format.isForPeople ? [list.summary] + list.remarks : [])
    }

    private func explain(
        _ name: String,
        _ format: OutputFormat,
        _ agent: any AgentConnection
    ) async throws -> Answer {
        let reply = try await agent.get(MemberCaseReply.self, Route.member(name))
        return Answer(
            try format.text(
                of: reply,
                words: Description.memberCase(reply),
                name: "member/\(reply.member.name)"
            )
        )
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
        let text = try format.text(
            of: status,
            words: Description.status(status),
            name: "node/\(status.name)"
        )
        return Answer(
            text,
            status: [.degraded, .alone].contains(status.state) ? .unhealthy : .done
        )
    }
}
