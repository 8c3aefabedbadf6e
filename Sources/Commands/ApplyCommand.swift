import ArgumentParser
import ControlAPI

/// `grapevine apply -f FILE`.
struct ApplyCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Declare the Services and EndpointSlices of manifests.",
        discussion: """
            One mistake in any of the files, and nothing is changed. What only the agent can
            refuse, such as a taken address, stops the file it is in as a whole; files before it
            stay applied. Who of the members has what was changed is told on standard error.
            """
    )

    @OptionGroup var sources: ManifestSources
    @OptionGroup var ownership: OwnershipOption
    @OptionGroup var receipt: ReceiptOptions
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func validate() throws {
        if sources.files.isEmpty { throw ValidationError("say what to apply: -f FILE") }
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        var items: [ApplyReply.Item] = []
        var warnings: [String] = []
        var failure: Failure?
        for source in try sources.read(namespace, environment) {
            do {
                var request = source.request(
                    Route.apply,
                    namespace: namespace.name(in: environment)
                )
                ownership.mark(&request)
                let reply = try await agent.ask(ApplyReply.self, request)
                items += reply.items
                warnings += reply.warnings
            } catch {
                failure = error
                break
            }
        }
        // Without any item the failure says all there is to say.
        if items.isEmpty, let failure { throw failure }
        let reply = ApplyReply(items: items, warnings: warnings)
        return Answer(
            try reply.text(format),
            notes: warnings.map { "warning: \($0)" },
            failure: failure,
            receipt: receipt.question(afterChange: reply.hasChanged)
        )
    }
}

extension ApplyReply {
    /// Whether anything is not as it was before.
    var hasChanged: Bool { items.contains { $0.result != .unchanged } }

    /// The reply in a format: a line for each object, or all of it.
    ///
    /// - Throws: `Failure` where it cannot be written as YAML.
    func text(_ format: OutputFormat) throws(Failure) -> String {
        switch format {
        case .table, .wide: items.map(\.line).joined(separator: "\n")
        case .name: items.map(\.reference).joined(separator: "\n")
        case .json: Rendering.json(self)
        case .yaml: try Rendering.yaml(self)
        case .jsonpath(let path): path.text(of: self)
        }
    }
}

extension ApplyReply.Item {
    fileprivate var reference: String { "\(kind.lowercased())/\(name)" }

    /// One line: `service/web created   ClusterIP 10.96.113.20   NodePort 30080`.
    fileprivate var line: String {
        var parts = ["\(reference) \(result.rawValue)"]
        if let externalName {
            parts.append("ExternalName \(externalName)")
        } else if kind == "Service" {
            switch clusterIP {
            case "None"?: parts.append("headless")
            case nil, ""?: parts.append("ClusterIP pending")
            case let address?: parts.append("ClusterIP \(address)")
            }
        }
        if let nodePorts, !nodePorts.isEmpty {
            parts.append("NodePort \(nodePorts.map { "\($0)" }.joined(separator: ","))")
        }
        return parts.joined(separator: "   ")
    }
}
