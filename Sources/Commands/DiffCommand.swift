import ArgumentParser
import ControlAPI
import Manifests
import Registry
import Vocabulary

/// `grapevine diff -f FILE`.
struct DiffCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what apply would change, and change nothing.",
        discussion: """
            Exit codes: 0 nothing differs, 1 something does, more than 1 it could not be found
            out. What goes without saying, and what the cluster gave, is no difference.
            """
    )

    @OptionGroup var sources: ManifestSources
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func validate() throws {
        if sources.files.isEmpty { throw ValidationError("say what to compare: -f FILE") }
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        do {
            return try await compare(with: agent, environment: environment)
        } catch let failure as Failure where failure.status == .failed {
            // One means here that something differs.
            throw Failure(.notCompared, failure.message, mistakes: failure.mistakes)
        }
    }

    private func compare(
        with agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        var present = PresentObjects(agent)
        var differences: [Difference] = []
        var warnings: [String] = []
        for source in try sources.read(namespace, environment) {
            let name = namespace.name(in: environment)
            let request = source.request(Route.rehearsal, namespace: name)
            let reply = try await agent.ask(ApplyReply.self, request)
            warnings += reply.warnings
            for (item, outcome) in zip(source.items, reply.items) {
                let title = "\(outcome.kind.lowercased()) \(outcome.namespace)/\(outcome.name)"
                let now = try await present.text(of: item, result: outcome.result)
                let lines = LineDifference.text(from: now, to: try item.text)
                if lines.isEmpty, case .endpoints = item.declaration, outcome.result != .unchanged {
                    // A view does not tell a node's slices apart.
                    let words = "\(title): another slice of this node has its endpoints"
                    differences.append(Difference(outcome, source.file, words))
                }
                guard !lines.isEmpty else { continue }
                let before = now.isEmpty ? "/dev/null" : "\(title) (now)"
                let text = "--- \(before)\n+++ \(title) (\(source.file))\n\(lines)"
                differences.append(Difference(outcome, source.file, text))
            }
        }
        let text = try format.text(
            of: DifferenceList(items: differences, warnings: warnings),
            words: differences.map(\.diff).joined(separator: "\n"),
            name: differences.map(\.reference).joined(separator: "\n")
        )
        return Answer(
            text,
            notes: warnings.map { "warning: \($0)" },
            status: differences.isEmpty ? .done : .differs
        )
    }
}

/// What `diff -o json` shows: the objects that apply would change.
private struct DifferenceList: Encodable {
    let kind = "DifferenceList"
    let apiVersion = "grapevine/v1"
    let items: [Difference]
    let warnings: [String]
}

/// One object that apply would change.
private struct Difference: Encodable {
    let kind: String
    let namespace: String
    let name: String
    let file: String
    let result: ApplyReply.Result
    /// As `diff -u` writes it.
    let diff: String

    init(_ item: ApplyReply.Item, _ file: String, _ diff: String) {
        kind = item.kind
        namespace = item.namespace
        name = item.name
        self.file = file
        result = item.result
        self.diff = diff
    }

    var reference: String { "\(kind.lowercased())/\(name)" }
}

/// What is declared now, asked for when it is first needed.
private struct PresentObjects {
    private let agent: any AgentConnection
    private var services: [ServiceObject]?
    private var slices: [EndpointSliceObject]?
    private var myself = ""

    init(_ agent: any AgentConnection) { self.agent = agent }

    /// - Parameters:
    ///   - item: What is wanted.
    ///   - result: What apply would make of it.
    /// - Returns: The same object as it is now, or nothing where it is not there.
    /// - Throws: `Failure` where the agent cannot be asked, or not be understood.
    mutating func text(
        of item: Manifest.Item,
        result: ApplyReply.Result
    ) async throws(Failure) -> String {
        switch item.declaration {
        case .service(let name, _): try await text(of: name)
        case .endpoints(let set):
            switch result {
            case .created: ""
            case .unchanged: try item.text
            case .configured: try await text(of: set, name: item.name)
            }
        }
    }

    private mutating func text(of name: ServiceName) async throws(Failure) -> String {
        if services == nil {
            services = try await agent.get(ObjectList<ServiceObject>.self, Route.services).items
        }
        let found = services?.first {
            $0.metadata.namespace == name.namespace && $0.metadata.name == name.name
        }
        guard let found else { return "" }
        do {
            let manifest = try Manifest(parsing: Rendering.json(found), file: "\(name) (now)")
            return try manifest.items.first?.text ?? ""
        } catch let error as ManifestError {
            throw Failure(
                .failed,
                "service \(name) as it is now is not understood.",
                mistakes: error.problems.map(\.description)
            )
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }

    /// What this node offers for the service on these ports; a view does not tell slices apart.
    private mutating func text(
        of set: EndpointSet,
        name: String
    ) async throws(Failure) -> String {
        if slices == nil {
            slices = try await agent.get(ObjectList<EndpointSliceObject>.self, Route.endpoints)
                .items
            myself = try await agent.get(StatusReply.self, Route.status).name
        }
        let own = (slices ?? []).filter {
            $0.metadata.namespace == set.service.namespace && $0.service == set.service.name
                && $0.endpoints.first?.nodeName == myself
        }
        let wanted = DeclaredSlice(name, set)
        let same = own.filter { $0.ports == wanted.ports }
        let shown = same.isEmpty ? own : same
        let now = EndpointSet(
            service: set.service,
            ports: shown.first?.ports.compactMap(EndpointPort.init) ?? set.ports,
            endpoints: shown.flatMap { slice in
                slice.endpoints.compactMap { Endpoint($0, weight: slice.weight) }
            }
        )
        return try Rendering.yaml(DeclaredSlice(name, now))
    }
}

extension Manifest.Item {
    /// As a person would write it.
    fileprivate var text: String {
        get throws(Failure) {
            switch declaration {
            case .service(let name, let spec): try Rendering.yaml(DeclaredService(name, spec))
            case .endpoints(let set): try Rendering.yaml(DeclaredSlice(name, set))
            }
        }
    }
}

extension Endpoint {
    /// - Returns: `nil` where the address is none.
    fileprivate init?(_ shown: EndpointSliceObject.Endpoint, weight: UInt8) {
        guard let address = shown.addresses.first.flatMap({ IPAddress($0) }) else { return nil }
        var conditions: Conditions = []
        if shown.conditions.ready { conditions.insert(.ready) }
        if shown.conditions.serving { conditions.insert(.serving) }
        if shown.conditions.terminating { conditions.insert(.terminating) }
        self.init(
            address: address,
            conditions: conditions,
            hostname: shown.hostname ?? "",
            weight: weight,
            zone: shown.zone ?? ""
        )
    }
}

extension EndpointPort {
    /// - Returns: `nil` where the port is none.
    fileprivate init?(_ shown: EndpointSliceObject.Port) {
        guard let port = UInt16(exactly: shown.port) else { return nil }
        let transport: TransportProtocol = shown.protocol == "UDP" ? .udp : .tcp
        self.init(name: shown.name, transport: transport, port: port)
    }
}
