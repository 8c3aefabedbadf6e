import ArgumentParser
import ControlAPI
import Registry
import Vocabulary

/// `grapevine endpoint add|drain|undrain|rm SERVICE IP[:PORT]`.
struct EndpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoint",
        abstract: "Add an endpoint of this machine to a service, drain it, or take it out.",
        discussion: """
            Each is an EndpointSlice of its own that this agent declares, so endpoints that came
            from a manifest are not touched: change and apply that one.
            """,
        subcommands: [
            EndpointAdd.self, EndpointDrain.self, EndpointUndrain.self, EndpointRemoval.self,
        ]
    )

    init() {}
}

/// What all four take.
struct EndpointArguments: ParsableArguments {
    @Argument(help: "The Service's name.")
    var service: String

    @Argument(
        help: ArgumentHelp(
            "Its address on this machine; the port is the Service's target unless it is said.",
            valueName: "ip[:port]"
        )
    )
    var place: EndpointPlace

    @OptionGroup var receipt: ReceiptOptions
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func validate() throws {
        guard service.isDNSLabel else {
            throw ValidationError("\(service) is no name of a service")
        }
    }

    /// The slice that stands for the endpoint, with the ports of its service.
    ///
    /// - Throws: `Failure` where the port is not known.
    func slice(
        _ agent: any AgentConnection,
        _ environment: [String: String],
        _ conditions: Endpoint.Conditions
    ) async throws -> DeclaredSlice {
        let space = namespace.name(in: environment)
        guard let owner = ServiceName(namespace: space, name: service) else {
            throw Failure(.usage, "\(space)/\(service) is no name of a service")
        }
        let all = try await agent.get(ObjectList<ServiceObject>.self, Route.services)
        let found = all.items.first {
            $0.metadata.name == service && $0.metadata.namespace == space
        }
        guard let found else { throw Failure.noService(service, namespace: space, all) }
        let ports = try found.spec.ports.map { try port($0, isOnly: found.spec.ports.count == 1) }
        let set = EndpointSet(
            service: owner,
            ports: ports,
            endpoints: [Endpoint(address: place.address, conditions: conditions)]
        )
        // The name must come out the same each time: it is how the endpoint is found again.
        let number = ports.count == 1 ? "-\(ports[0].port)" : ""
        let address = "\(place.address)".replacing(":", with: "-").replacing(".", with: "-")
        return DeclaredSlice("ep-\(address)\(number)", set)
    }

    private func port(_ port: ServiceObject.Port, isOnly: Bool) throws -> EndpointPort {
        if place.port != nil, !isOnly {
            throw Failure(
                .usage,
                "service \(service) has several ports, so leave the port out: each goes to its target"
            )
        }
        var number = place.port
        if number == nil, case .number(let target) = port.targetPort {
            number = UInt16(exactly: target)
        }
        guard let number, number > 0 else {
            throw Failure(
                .usage,
                "the target of port \(port.port) of \(service) is the name \(port.targetPort): say "
                    + "the port, as \(place.address):8080, or apply an EndpointSlice"
            )
        }
        return EndpointPort(
            name: port.name ?? "",
            transport: port.protocol == "UDP" ? .udp : .tcp,
            port: number
        )
    }

    /// Sends the slice to a route.
    func request(_ slice: DeclaredSlice, _ route: String) throws(Failure) -> AgentRequest {
        ManifestSources.Source(file: "endpoint", text: try Rendering.yaml(slice))
            .request(route, namespace: slice.metadata.namespace)
    }

    /// Declares the endpoint with conditions; where it must be there already, and is not, says so.
    func declare(
        _ conditions: Endpoint.Conditions,
        _ word: String,
        mustExist: Bool,
        _ agent: any AgentConnection,
        _ environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let slice = try await slice(agent, environment, conditions)
        if mustExist {
            let trial = try await agent.ask(ApplyReply.self, try request(slice, Route.rehearsal))
            guard trial.items.allSatisfy({ $0.result != .created }) else {
                throw Failure(.noMatch, notOurs)
            }
        }
        let reply = try await agent.ask(ApplyReply.self, try request(slice, Route.apply))
        let state = reply.hasChanged ? word : "unchanged"
        let words = "endpoint \(place.text) of \(service) \(state)"
        return Answer(
            format.isForPeople ? words : try reply.text(format),
            notes: reply.warnings.map { "warning: \($0)" },
            receipt: receipt.question(afterChange: reply.hasChanged)
        )
    }

    var notOurs: String {
        "no endpoint \(place.text) was added to \(service) on this machine by grapevine endpoint add. "
            + "Who declares it: grapevine why \(place.text); one from a manifest is changed there"
    }
}

/// A command that declares an endpoint of this machine in some condition.
protocol EndpointDeclaration: ClientCommand {
    var arguments: EndpointArguments { get }
    /// How the endpoint is from then on.
    static var conditions: Endpoint.Conditions { get }
    /// What the answer says became of it.
    static var word: String { get }
    /// Whether only an endpoint that `add` made may be changed.
    static var mustExist: Bool { get }
}

extension EndpointDeclaration {
    var client: ClientOptions { arguments.client }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        try await arguments.declare(
            Self.conditions,
            Self.word,
            mustExist: Self.mustExist,
            agent,
            environment
        )
    }
}

/// `grapevine endpoint add`.
struct EndpointAdd: EndpointDeclaration {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Send new connections of a service to an address of this machine."
    )

    static let conditions: Endpoint.Conditions = [.ready, .serving]
    static let word = "added"
    static let mustExist = false

    @OptionGroup var arguments: EndpointArguments

    init() {}
}

/// `grapevine endpoint drain`.
struct EndpointDrain: EndpointDeclaration {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Send no new connections there; those that are open go on."
    )

    static let conditions: Endpoint.Conditions = [.serving, .terminating]
    static let word = "draining"
    static let mustExist = true

    @OptionGroup var arguments: EndpointArguments

    init() {}
}

/// `grapevine endpoint undrain`.
struct EndpointUndrain: EndpointDeclaration {
    static let configuration = CommandConfiguration(
        commandName: "undrain",
        abstract: "Send new connections there again."
    )

    static let conditions: Endpoint.Conditions = [.ready, .serving]
    static let word = "in rotation"
    static let mustExist = true

    @OptionGroup var arguments: EndpointArguments

    init() {}
}

/// `grapevine endpoint rm`.
struct EndpointRemoval: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Take the endpoint out of the service."
    )

    @OptionGroup var arguments: EndpointArguments
    var client: ClientOptions { arguments.client }

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try arguments.output.format(in: environment)
        let slice = try await arguments.slice(agent, environment, [.ready, .serving])
        let request = try arguments.request(slice, Route.delete)
        let reply = try await agent.ask(DeleteReply.self, request)
        guard reply.items.contains(where: { $0.result == .deleted }) else {
            throw Failure(.noMatch, arguments.notOurs)
        }
        let words = "endpoint \(arguments.place.text) of \(arguments.service) removed"
        return Answer(
            format.isForPeople ? words : try reply.text(format),
            receipt: arguments.receipt.question(afterChange: true)
        )
    }
}
