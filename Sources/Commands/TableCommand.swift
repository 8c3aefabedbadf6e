import ArgumentParser
import ControlAPI

/// `grapevine table show|diff|verify|cleanup`.
struct TableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Look at this machine's rules, or remove them.",
        subcommands: [TableShow.self, TableDiff.self, TableVerify.self, TableRemoval.self]
    )

    init() {}
}

/// `grapevine table show`.
struct TableShow: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print our rules in the form of iptables-save, also with the agent stopped."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let answered = try await Self.unlessStopped {
            try await agent.get(TableReply.self, Route.table)
        }
        let note = "The agent does not answer; these are the rules it left."
        let notes = answered == nil ? [note] : []
        let reply = if let answered { answered } else { try await StoppedAgent.table() }
        let text = try format.text(of: reply, words: reply.text)
        return Answer(text.hasSuffix("\n") ? String(text.dropLast()) : text, notes: notes)
    }
}

/// `grapevine table diff`.
struct TableDiff: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Print what would be written now, and write nothing; exit 1 where there is any.",
        discussion: """
            Each part is what one iptables-restore --noflush would be given. While the agent is
            frozen (grapevine freeze) this is what it holds back.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let reply = try await agent.get(TableDifference.self, Route.tableDifference)
        let text = try format.text(of: reply, words: Self.text(of: reply))
        let notes = reply.frozen ? ["Frozen: this is held back until grapevine unfreeze."] : []
        return Answer(text, notes: notes, status: reply.runs.isEmpty ? .done : .differs)
    }

    private static func text(of reply: TableDifference) -> String {
        let parts = reply.runs.map { run in
            let program = run.family == "IPv6" ? "ip6tables-restore" : "iptables-restore"
            return "# \(program) --noflush (\(reply.flavour))\n"
                + (run.text.hasSuffix("\n") ? String(run.text.dropLast()) : run.text)
        }
        return parts.isEmpty ? "Nothing would be written." : parts.joined(separator: "\n")
    }
}

/// `grapevine table verify`.
struct TableVerify: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the kernel's rules with what they should be; exit 3 where they differ."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let reply = try await agent.get(TableVerification.self, Route.tableVerification)
        let text = try format.text(of: reply, words: Self.text(of: reply))
        return Answer(text, status: reply.matches ? .done : .unhealthy)
    }

    private static func text(of reply: TableVerification) -> String {
        let not = reply.matches ? "" : "not "
        let foreign = reply.foreign.map { "before ours: \($0)" }
        let lines = ["The \(reply.flavour) table is \(not)as it should be."]
        return (lines + reply.differences + foreign).joined(separator: "\n")
    }
}

/// `grapevine table cleanup`.
struct TableRemoval: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup",
        abstract: "Remove every rule of ours, also with the agent stopped."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let answered = try await Self.unlessStopped {
            let request = AgentRequest(method: "POST", path: Route.tableCleanup)
            return try await agent.ask(TableCleanup.self, request)
        }
        let reply = if let answered { answered } else { try await StoppedAgent.cleanUp() }
        return Answer(
            try format.text(
                of: reply,
                words: Self.text(of: reply),
                name: reply.removedChains.joined(separator: "\n")
            )
        )
    }

    private static func text(of reply: TableCleanup) -> String {
        let count = reply.removedChains.count
        let removed =
            count == 0
            ? "There was no rule of ours." : "Removed \(count) chains; no rule of ours is left."
        guard !reply.kept.isEmpty else { return removed }
        return "\(removed)\nSwitches that the agent may have turned on stay, for others may need "
            + "them: " + reply.kept.joined(separator: ", ")
    }
}

extension ClientCommand {
    /// What the agent says, or `nil` where it does not run.
    fileprivate static func unlessStopped<Reply>(
        _ ask: () async throws -> Reply
    ) async throws -> Reply? {
        do {
            return try await ask()
        } catch let failure as Failure where failure.status == .unreachable {
            return nil
        }
    }
}
