import ArgumentParser
import ControlAPI

/// `grapevine freeze`.
struct FreezeCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Write no rule on this machine until unfreeze, whatever changes.",
        discussion: """
            Rules stay as they are, and are not repaired. It holds through a restart of the agent, and
            the node goes on as a member. `grapevine table diff` shows what is held back.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let reply = try await agent.ask(
            FreezeReply.self,
            AgentRequest(method: "POST", path: Route.freeze)
        )
        let text = "Frozen: no rule is written. grapevine unfreeze ends it."
        return try reply.answer(text, output, environment)
    }
}

/// `grapevine unfreeze`.
struct UnfreezeCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze",
        abstract: "Write rules again, and first of all what was held back."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let reply = try await agent.ask(
            FreezeReply.self,
            AgentRequest(method: "POST", path: Route.unfreeze)
        )
        return try reply.answer("Not frozen: rules are written again.", output, environment)
    }
}

extension FreezeReply {
    fileprivate func answer(
        _ text: String,
        _ output: OutputOptions,
        _ environment: [String: String]
    ) throws -> Answer {
        Answer(try output.format(in: environment).text(of: self, words: text))
    }
}
