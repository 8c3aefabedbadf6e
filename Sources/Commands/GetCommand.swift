import ArgumentParser
import ControlAPI

/// `grapevine get KIND [NAME]`.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "List services, endpoints or nodes.",
        subcommands: [GetServices.self, GetEndpoints.self, GetNodes.self]
    )

    init() {}
}

/// What the three lists have in common.
struct ListOptions: ParsableArguments {
    @OptionGroup var namespace: NamespaceOption

    @Flag(
        name: [.customShort("A"), .customLong("all-namespaces")],
        help: "All namespaces instead of one."
    )
    var isAll = false

    @Flag(
        name: [.customShort("w"), .customLong("watch")],
        help: "Go on with what changes, until you press Ctrl-C."
    )
    var isWatching = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if isAll, namespace.namespace != nil {
            throw ValidationError("-A and -n exclude each other")
        }
    }

    /// The namespace to show; `nil` for all.
    func shown(in environment: [String: String]) -> String? {
        isAll ? nil : namespace.name(in: environment)
    }
}

/// `grapevine get services [NAME]`.
struct GetServices: WatchingCommand {
    static let configuration = CommandConfiguration(
        commandName: "services",
        abstract: "List services: their address, ports and readiness.",
        aliases: ["service", "svc"]
    )

    @Argument(help: "Only the service of this name.")
    var name: String?
    @OptionGroup var options: ListOptions
    @OptionGroup var client: ClientOptions

    init() {}

    var watched: WatchKind { .services }

    func concerns(_ object: WatchObject) -> Bool {
        guard case .service(let service) = object else { return false }
        return name == nil || name == service.metadata.name
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try options.output.format(in: environment)
        let namespace = options.shown(in: environment)
        let all = try await agent.get(ObjectList<ServiceObject>.self, Route.services)
        let found = all.items.filter {
            (namespace ?? $0.metadata.namespace) == $0.metadata.namespace
                && (name ?? $0.metadata.name) == $0.metadata.name
        }
        if let name, found.isEmpty { throw Failure.noService(name, namespace: namespace, all) }
        let text = try ServiceListing(ObjectList(found)).text(
            format,
            headings: !options.output.noHeaders,
            onlyOne: name != nil,
            isOfAll: namespace == nil
        )
        return Answer(text, notes: Notes.nothing("services", found.count, namespace))
    }
}

/// `grapevine get endpoints [NAME]`.
struct GetEndpoints: WatchingCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints",
        abstract: "List endpoints: where services run; exit 2 where a service has none.",
        aliases: ["endpoint", "ep", "endpointslices", "endpointslice"]
    )

    @Argument(help: "Only the endpoints of this service, or the slice of this name.")
    var name: String?
    @OptionGroup var options: ListOptions
    @OptionGroup var client: ClientOptions

    init() {}

    var watched: WatchKind { .endpoints }

    private func isMeant(_ slice: EndpointSliceObject) -> Bool {
        name == nil || name == slice.service || name == slice.metadata.name
    }

    func concerns(_ object: WatchObject) -> Bool {
        guard case .slice(let slice) = object else { return false }
        return isMeant(slice)
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try options.output.format(in: environment)
        let namespace = options.shown(in: environment)
        let all = try await agent.get(ObjectList<EndpointSliceObject>.self, Route.endpoints)
        let found = all.items.filter {
            (namespace ?? $0.metadata.namespace) == $0.metadata.namespace
                && isMeant($0)
        }
        let text = try EndpointListing(ObjectList(found)).text(
            format,
            headings: !options.output.noHeaders,
            isOfAll: namespace == nil
        )
        let what = name.map { "endpoints of \($0)" } ?? "endpoints"
        return Answer(
            text,
            notes: Notes.nothing(what, found.count, namespace),
            status: name != nil && found.isEmpty ? .noMatch : .done
        )
    }
}

/// `grapevine get nodes [NAME]`.
struct GetNodes: WatchingCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "List nodes: their addresses and pod ranges.",
        aliases: ["node", "no"]
    )

    @Argument(help: "Only the node of this name or id.")
    var name: String?
    // Nodes have no namespace; people type -A and -n all the same.
    @OptionGroup var options: ListOptions
    @OptionGroup var client: ClientOptions

    init() {}

    var watched: WatchKind { .nodes }

    func concerns(_ object: WatchObject) -> Bool {
        guard case .node(let node) = object else { return false }
        return name == nil || name == node.name || name == node.id
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try options.output.format(in: environment)
        let all = try await agent.get(ObjectList<NodeObject>.self, Route.nodes)
        let found = all.items.filter { name == nil || name == $0.name || name == $0.id }
        if let name, found.isEmpty { throw Failure.noNode(name, all) }
        let text = try NodeListing(ObjectList(found)).text(
            format,
            headings: !options.output.noHeaders,
            onlyOne: name != nil
        )
        return Answer(text, notes: found.isEmpty ? ["No nodes."] : [])
    }
}

/// Remarks on lists.
enum Notes {
    static func nothing(_ what: String, _ count: Int, _ namespace: String?) -> [String] {
        guard count == 0 else { return [] }
        return [namespace.map { "No \(what) in namespace \($0); -A shows all." } ?? "No \(what)."]
    }
}

extension Failure {
    /// Says also where a service of this name is, if there is one elsewhere.
    static func noService(
        _ name: String,
        namespace: String?,
        _ all: ObjectList<ServiceObject>
    ) -> Failure {
        let place = namespace.map { " in namespace \($0)" } ?? ""
        let elsewhere = all.items.filter { $0.metadata.name == name }.map(\.metadata.namespace)
        let hint =
            elsewhere.isEmpty
            ? "" : " There is one in \(elsewhere.joined(separator: ", ")): use -n."
        return Failure(.noMatch, "there is no service \(name)\(place).\(hint)")
    }

    static func noNode(_ name: String, _ all: ObjectList<NodeObject>) -> Failure {
        let known = all.items.map(\.name).joined(separator: ", ")
        return Failure(.noMatch, "there is no node \(name). Known: \(known)")
    }
}
