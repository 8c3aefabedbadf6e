import ArgumentParser
import ControlAPI

/// `grapevine describe KIND NAME`.
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Say everything about one service or node.",
        subcommands: [DescribeService.self, DescribeNode.self]
    )

    init() {}
}

/// `grapevine describe service NAME`.
struct DescribeService: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "A service: addresses, ports, endpoints and what is not as it should be.",
        aliases: ["services", "svc"]
    )

    /// The rest is told by `grapevine events NAME`.
    private static let mostEvents = 20

    @Argument(help: "The service's name.")
    var name: String
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    /// What `-o json` shows.
    private struct Reply: Encodable {
        let kind = "ServiceDescription"
        let apiVersion = "grapevine/v1"
        let service: ServiceObject
        let endpointSlices: [EndpointSliceObject]
        let connections: [ConnectionList.Port]
        let events: [ServiceEvent]
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let namespace = namespace.name(in: environment)
        let services = try await agent.get(ObjectList<ServiceObject>.self, Route.services)
        let found = services.items.first {
            $0.metadata.name == name && $0.metadata.namespace == namespace
        }
        guard let found else { throw Failure.noService(name, namespace: namespace, services) }
        let slices = try await agent.get(ObjectList<EndpointSliceObject>.self, Route.endpoints)
        let own = slices.items.filter { $0.metadata.namespace == namespace && $0.service == name }
        let events = try await agent.ask(
            EventList.self,
            .events(namespace: namespace, name: name, limit: Self.mostEvents)
        )
        let connections = try await agent.ask(
            ConnectionList.self,
            .connections(namespace: namespace, name: name)
        )
        let reply = Reply(
            service: found,
            endpointSlices: own,
            connections: connections.items,
            events: events.items
        )
        return Answer(
            try format.text(
                of: reply,
                words: Description.service(
                    found,
                    slices: own,
                    connections: connections.items,
                    events: events.items
                ),
                name: "service/\(name)"
            )
        )
    }
}

extension AgentRequest {
    /// How many connections the endpoints of a service were given.
    fileprivate static func connections(namespace: String, name: String) -> AgentRequest {
        var request = AgentRequest(path: Route.connections)
        request.query = [
            AgentRequest.Query(name: Route.namespaceQuery, value: namespace),
            AgentRequest.Query(name: Route.nameQuery, value: name),
        ]
        return request
    }
}

/// `grapevine describe node NAME`.
struct DescribeNode: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "A node: addresses, what is thought of it, and what it runs.",
        aliases: ["nodes", "no"]
    )

    @Argument(help: "The node's name or id.")
    var name: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    /// What `-o json` shows.
    private struct Reply: Encodable {
        let kind = "NodeDescription"
        let apiVersion = "grapevine/v1"
        let node: NodeObject
        /// Absent where it is no member now.
        let member: Member?
        let endpointSlices: [EndpointSliceObject]
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let nodes = try await agent.get(ObjectList<NodeObject>.self, Route.nodes)
        guard let node = nodes.items.first(where: { $0.name == name || $0.id == name }) else {
            throw Failure.noNode(name, nodes)
        }
        let members = try await agent.get(MemberList.self, Route.members)
        let slices = try await agent.get(ObjectList<EndpointSliceObject>.self, Route.endpoints)
        let own = slices.items.filter { slice in
            slice.endpoints.contains { $0.nodeName == node.name }
        }
        let member = members.items.first { $0.id == node.id }
        return Answer(
            try format.text(
                of: Reply(node: node, member: member, endpointSlices: own),
                words: Description.node(node, member: member, slices: own),
                name: "node/\(node.name)"
            )
        )
    }
}
