import ArgumentParser
import ControlAPI
import Vocabulary

/// `grapevine delete service NAME` and `grapevine delete -f FILE`.
struct DeleteCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Withdraw what this node declares.",
        usage: """
            grapevine delete service <name> [--namespace <namespace>]
            grapevine delete --filename <file>
            """
    )

    @Argument(help: "service NAME, or service/NAME.")
    var target: [String] = []
    @OptionGroup var sources: ManifestSources
    @OptionGroup var receipt: ReceiptOptions
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func validate() throws {
        if sources.files.isEmpty == target.isEmpty {
            throw ValidationError("say what to delete: service NAME, or -f FILE")
        }
        if !target.isEmpty { _ = try serviceName }
    }

    /// The name in `service NAME` or `service/NAME`.
    private var serviceName: String {
        get throws {
            let words =
                target.count == 1
                ? target[0].split(separator: "/", maxSplits: 1).map(String.init) : target
            guard target.count == 1 || !target[0].contains("/"),
                words.count <= 2
            else {
                throw ValidationError(
                    "one service at a time: service NAME; for several of them -f FILE"
                )
            }
            guard words.count == 2, ["service", "services", "svc"].contains(words[0]) else {
                throw ValidationError("only services can be deleted by name: service NAME")
            }
            return words[1]
        }
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let name = namespace.name(in: environment)
        var items: [DeleteReply.Item] = []
        if sources.files.isEmpty {
            let service = try serviceName
            guard ServiceName(namespace: name, name: service) != nil else {
                throw Failure(.failed, "\(name)/\(service) is no name of a service.")
            }
            let path = Route.service(namespace: name, name: service)
            let request = AgentRequest(method: "DELETE", path: path)
            items = try await agent.ask(DeleteReply.self, request).items
        }
        for source in try sources.read(namespace, environment) {
            let request = source.request(Route.delete, namespace: name)
            items += try await agent.ask(DeleteReply.self, request).items
        }
        let notes = items.compactMap { item -> String? in
            guard let others = item.stillDeclaredBy else { return nil }
            let names = others.joined(separator: ", ")
            return "\(item.name) stays: \(names) declares it too. Delete it there as well."
        }
        let isAll = items.allSatisfy { $0.result == .deleted }
        return Answer(
            try DeleteReply(items: items).text(format),
            notes: notes,
            status: isAll ? .done : .failed,
            receipt: receipt.question(afterChange: items.contains { $0.result == .deleted })
        )
    }
}

extension DeleteReply {
    /// The reply in a format: a line for each object, or all of it; by name what was deleted.
    ///
    /// - Throws: `Failure` where it cannot be written as YAML.
    func text(_ format: OutputFormat) throws(Failure) -> String {
        let deleted = items.filter { $0.result == .deleted }
        return try format.text(
            of: self,
            words: items.map(\.line).joined(separator: "\n"),
            name: deleted.map(\.reference).joined(separator: "\n")
        )
    }
}

extension DeleteReply.Item {
    fileprivate var reference: String { "\(kind.lowercased())/\(name)" }

    fileprivate var line: String {
        "\(reference) \(result == .deleted ? "deleted" : "not found")"
    }
}
