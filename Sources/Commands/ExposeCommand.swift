import ArgumentParser
import ControlAPI
import Registry
import Vocabulary

/// `grapevine expose NAME --port 80`.
struct ExposeCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "expose",
        abstract: "Declare a Service without a manifest, and endpoints of it on this machine.",
        discussion: """
            With --dry-run=client -o yaml it prints the manifest instead, to be kept, changed and
            applied; delete -f of the same manifest takes both back.
            """
    )

    @Argument(help: "The Service's name.")
    var name: String

    @Option(help: "The port that clients dial: 1...65535.")
    var port: UInt16

    @Option(
        help: ArgumentHelp(
            "The port that endpoints listen on, by number or by name; else --port.",
            valueName: "port"
        )
    )
    var target: Target?

    @Option(help: "ClusterIP or NodePort.")
    var type: Kind = .clusterIP

    @Option(help: "The NodePort to ask for; else a free one.")
    var nodePort: UInt16?

    @Option(help: "TCP or UDP.")
    var `protocol`: Transport = .tcp

    @Option(
        help: ArgumentHelp(
            "An endpoint on this machine; its port is --target unless it says another.",
            valueName: "ip[:port]"
        )
    )
    var endpoint: [EndpointPlace] = []

    @Option(help: "client: print what would be declared, and ask nobody. none: declare it.")
    var dryRun: Rehearsal = .none

    @OptionGroup var ownership: OwnershipOption
    @OptionGroup var receipt: ReceiptOptions
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case clusterIP = "ClusterIP"
        case nodePort = "NodePort"
    }

    enum Transport: String, CaseIterable, ExpressibleByArgument {
        case tcp = "TCP"
        case udp = "UDP"

        init?(argument: String) { self.init(rawValue: argument.uppercased()) }
    }

    enum Rehearsal: String, CaseIterable, ExpressibleByArgument { case client, none }

    /// A number of a port, or its name.
    struct Target: ExpressibleByArgument {
        let port: TargetPort

        init?(argument: String) {
            if let number = UInt16(argument), number > 0 {
                port = .number(number)
            } else if argument.isPortName {
                port = .name(argument)
            } else {
                return nil
            }
        }
    }

    func validate() throws {
        if nodePort != nil, type != .nodePort {
            throw ValidationError("--node-port needs --type NodePort")
        }
        if let problem = spec.problem { throw ValidationError(problem) }
        if target?.port.name != nil, let place = endpoint.first(where: { $0.port == nil }) {
            throw ValidationError(
                "--endpoint \(place.address): say its port, because --target is a name"
            )
        }
    }

    private var spec: ServiceSpec {
        ServiceSpec(
            type: type == .nodePort ? .nodePort : .clusterIP,
            ports: [
                ServicePort(
                    transport: `protocol` == .tcp ? .tcp : .udp,
                    port: port,
                    targetPort: target?.port,
                    requestedNodePort: nodePort
                )
            ]
        )
    }

    /// One slice for each family and port of the endpoints, in the order of the first of each.
    private func slices(of service: ServiceName) -> [DeclaredSlice] {
        let transport: TransportProtocol = `protocol` == .tcp ? .tcp : .udp
        var sets: [EndpointSet] = []
        for place in endpoint {
            let number = place.port ?? target?.port.number ?? port
            let ports = [EndpointPort(transport: transport, port: number)]
            let added = Endpoint(address: place.address)
            let family = place.address.family
            if let index = sets.firstIndex(where: {
                $0.ports == ports && $0.endpoints.first?.address.family == family
            }) {
                sets[index].endpoints.append(added)
            } else {
                sets.append(EndpointSet(service: service, ports: ports, endpoints: [added]))
            }
        }
        return sets.enumerated().map { index, set in
            DeclaredSlice(index == 0 ? name : "\(name)-\(index + 1)", set)
        }
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let namespace = namespace.name(in: environment)
        guard let service = ServiceName(namespace: namespace, name: name) else {
            let rule = "1...63 of a-z, 0-9 and -, beginning with a letter"
            throw Failure(.usage, "\(namespace)/\(name) is no name of a service: \(rule)")
        }
        let declared = DeclaredService(service, spec)
        let slices = slices(of: service)
        let documents = [try Rendering.yaml(declared)] + (try slices.map { try Rendering.yaml($0) })
        let manifest = documents.joined(separator: "\n---\n")
        if dryRun == .client {
            return Answer(Self.rehearsed(declared, slices, format, manifest: manifest))
        }
        let source = ManifestSources.Source(file: "expose", text: manifest)
        var request = source.request(Route.apply, namespace: namespace)
        ownership.mark(&request)
        let reply = try await agent.ask(ApplyReply.self, request)
        return Answer(
            try reply.text(format),
            notes: reply.warnings.map { "warning: \($0)" },
            receipt: receipt.question(afterChange: reply.hasChanged)
        )
    }

    private static func rehearsed(
        _ service: DeclaredService,
        _ slices: [DeclaredSlice],
        _ format: OutputFormat,
        manifest: String
    ) -> String {
        switch format {
        case .yaml:
            return manifest
        case .json where slices.isEmpty:
            return Rendering.json(service)
        case .json:
            return Rendering.json(
                ObjectList([.service(service)] + slices.map(DeclaredObject.slice))
            )
        case .jsonpath(let path) where slices.isEmpty:
            return path.text(of: service)
        case .jsonpath(let path):
            return path.text(
                of: ObjectList([.service(service)] + slices.map(DeclaredObject.slice))
            )
        case .table, .wide, .name:
            let suffix = format == .name ? "" : " created (dry run)"
            let lines =
                ["service/\(service.metadata.name)"]
                + slices.map { "endpointslice/\($0.metadata.name)" }
            return lines.map { $0 + suffix }.joined(separator: "\n")
        }
    }
}

/// `IP`, `IP:PORT` or `[IP]:PORT`.
struct EndpointPlace: ExpressibleByArgument, Hashable {
    let address: IPAddress
    let port: UInt16?

    init?(argument: String) {
        if let address = IPAddress(argument) {
            (self.address, port) = (address, nil)
        } else if let peer = PeerAddress(argument), peer.port > 0 {
            (address, port) = (peer.address, peer.port)
        } else {
            return nil
        }
        if address.isLoopback || address.isUnspecified { return nil }
    }
}
