import Agent
import ArgumentParser
import ControlAPI
import Foundation
import Host
import Registry
import Vocabulary

/// `grapevine trust renew`.
struct TrustRenew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Make a later certificate for the key that a machine has.",
        discussion: """
            The machine stays who it is, with its services. What comes out is no secret: bring it there
            and load it. A machine that a token let in hands out its certificate by `trust request`.
            """
    )

    @Argument(help: "The node's name, its bundle, or its certificate.")
    var target: String

    @Option(help: ArgumentHelp("Where the root key is.", valueName: "dir"))
    var dir: String

    @Option(help: ArgumentHelp("Where the certificate goes.", valueName: "file"))
    var out: String

    init() {}

    func run() async throws {
        try Terminal.show(try withPlainErrors { try renew(at: WallClock.now()) })
    }

    /// Writes the certificate and says what to do next.
    func renew(at now: WallTime) throws -> Answer {
        var root = try RootDirectory.open(dir)
        let certificate = try root.renew(try root.certificate(of: target), at: now)
        try TrustFile.certificate(certificate).write(to: out)
        let content = certificate.content
        return Answer(
            "Renewed \(content.name) (\(certificate.node.short)), valid until "
                + content.notAfter.day,
            notes: ["Bring \(out) to \(content.name), and there: grapevine trust load \(out)"]
        )
    }
}

/// `grapevine trust request`.
struct TrustRequest: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Write down this node's certificate, for the root to renew.",
        discussion: "The file holds no secret."
    )

    @Option(help: ArgumentHelp("Where the certificate goes.", valueName: "file"))
    var out: String

    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let response: AgentResponse
        do {
            response = try await agent.send(AgentRequest(path: Route.trust))
        } catch {
            throw Failure(error, socket: agent.socket)
        }
        guard response.status == 200 else { throw Failure(response) }
        return try withPlainErrors {
            let file = try TrustFile(text: response.body, path: "the agent's answer")
            try file.write(to: out)
            return Answer(
                "Wrote \(file.title) to \(out)",
                notes: [
                    "Where the root key is: grapevine trust renew \(out) --dir DIR --out FILE; then "
                        + "here: grapevine trust load FILE"
                ]
            )
        }
    }
}

/// `grapevine trust load`.
struct TrustLoad: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Hand the agent what a root signed.",
        discussion: """
            A revocation may be loaded by any member, and reaches all of them; a certificate counts on
            its own machine. Where the agent does not run, a certificate can be put into its
            --data-dir.
            """
    )

    @Argument(help: "A file that trust renew or trust revoke wrote.")
    var file: String

    @Option(
        help: ArgumentHelp("Of an agent that does not run; certificates only.", valueName: "dir")
    )
    var dataDir: String?

    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let file = try withPlainErrors { try TrustFile(reading: self.file) }
        if let dataDir {
            do {
                return Answer(try await StoppedNode.load(file, into: dataDir))
            } catch let error as AgentError {
                throw Failure(.failed, error.description)
            } catch let error as any HostError {
                throw Failure(.failed, error.description)
            }
        }
        let request = AgentRequest(
            method: "POST",
            path: Route.trust,
            contentType: JSON.contentType,
            body: file.text
        )
        let reply = try await agent.ask(LoadReply.self, request)
        return Answer(reply.isNews ? "Loaded \(reply.what)" : "\(reply.what): known already")
    }
}
