import ArgumentParser
import ControlAPI

/// `grapevine trace NAME[.NS][:PORT]`: the way to a service, step by step, from this machine.
struct TraceCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Walk the way to a service from this machine, step by step; exit 3 at a fault.",
        discussion: """
            Name, rule in the kernel, each endpoint, then the ClusterIP and the NodePort. It opens
            TCP connections and closes them again, sends an empty datagram to UDP endpoints, and
            changes nothing. Reading the kernel's rules needs root.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "web, web.shop, web:80 or web.shop:http.",
            valueName: "name[.namespace][:port]"
        )
    )
    var target: String

    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func validate() throws {
        guard let parsed = TraceTarget(target) else {
            throw ValidationError("\(target): write NAME, NAME.NAMESPACE or NAME:PORT")
        }
        if parsed.namespace != nil, namespace.namespace != nil {
            throw ValidationError("-n and a namespace behind the name exclude each other")
        }
    }

    var occupation: String { "walking the way to \(target)" }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        guard let target = TraceTarget(target) else { throw Failure(.usage, "no such name") }
        let space = target.namespace ?? namespace.name(in: environment)
        let all = try await agent.get(ObjectList<ServiceObject>.self, Route.services)
        let found = all.items.first {
            $0.metadata.name == target.name && $0.metadata.namespace == space
        }
        guard let service = found else {
            throw Failure.noService(target.name, namespace: space, all)
        }
        let ports = target.ports(of: service)
        if let port = target.port, ports.isEmpty, service.spec.externalName == nil {
            let known = service.spec.ports.map { port in
                port.name.map { "\(port.port) (\($0))" } ?? "\(port.port)"
            }
            throw Failure(
                .noMatch,
                "service \(space)/\(target.name) has no port \(port). It has "
                    + known.joined(separator: ", ")
            )
        }
        let slices = try await agent.get(ObjectList<EndpointSliceObject>.self, Route.endpoints)
        let members = try await agent.get(MemberList.self, Route.members)
        let status = try await agent.get(StatusReply.self, Route.status)
        // An agent that does not answer for names refuses to say where it does.
        let naming = try? await agent.get(NamesReply.self, Route.names)
        let walk = TraceWalk(
            service: service,
            slices: slices.items.filter {
                $0.service == target.name && $0.metadata.namespace == space
            },
            members: members,
            status: status,
            naming: naming
        )
        let reply = TraceReply(service, await walk.checks(ports))
        let text = try format.text(
            of: reply,
            words: reply.text,
            name: "service/\(target.name)"
        )
        return Answer(text, status: reply.healthy ? .done : .unhealthy)
    }
}
