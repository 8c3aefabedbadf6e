import ArgumentParser
import ControlAPI

/// `grapevine table show|verify|cleanup`.
struct TableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Look at this machine's rules, or remove them.",
        subcommands: [TableShow.self, TableVerify.self, TableRemoval.self]
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
        let (reply, notes) = try await Self.rules(agent)
        let text =
            switch format {
            case .table, .wide, .name: reply.text
            case .json: Rendering.json(reply)
            case .yaml: try Rendering.yaml(reply)
            }
        return Answer(text.hasSuffix("\n") ? String(text.dropLast()) : text, notes: notes)
    }

    private static func rules(
        _ agent: any AgentConnection
    ) async throws -> (TableReply, notes: [String]) {
        do throws(Failure) {
            return (try await agent.get(TableReply.self, Route.table), [])
        } catch {
            guard error.status == .unreachable else { throw error }
            let left = "The agent does not answer; these are the rules it left."
            return (try await StoppedAgent.table(), [left])
        }
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
        let text =
            switch format {
            case .json: Rendering.json(reply)
            case .yaml: try Rendering.yaml(reply)
            case .table, .wide, .name: Self.text(of: reply)
            }
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
        abstract: "Remove all our rules from this machine, also with the agent stopped.",
        discussion: "A running agent writes none until it is started anew."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let (reply, notes) = try await Self.cleanUp(agent)
        switch format {
        case .json: return Answer(Rendering.json(reply), notes: notes)
        case .yaml: return Answer(try Rendering.yaml(reply), notes: notes)
        case .name: return Answer(reply.removedChains.joined(separator: "\n"), notes: notes)
        case .table, .wide:
            let count = reply.removedChains.count
            let text = count == 0 ? "No rule of ours was here." : "Removed \(count) chains."
            return Answer(text, notes: notes)
        }
    }

    private static func cleanUp(
        _ agent: any AgentConnection
    ) async throws -> (TableCleanup, notes: [String]) {
        let request = AgentRequest(method: "POST", path: Route.tableCleanup)
        do throws(Failure) {
            let reply = try await agent.ask(TableCleanup.self, request)
            return (
                reply, ["The agent goes on without a table: restart it to have the rules again."]
            )
        } catch {
            guard error.status == .unreachable else { throw error }
            return (try await StoppedAgent.cleanUp(), [])
        }
    }
}
