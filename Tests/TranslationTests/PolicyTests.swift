import Registry
import Testing
import Translation
import Vocabulary

/// Which endpoints answer by the policies Cluster and Local, and whose address they see.
struct PolicyTests {
    private static let here = Village.endpoint("10.1.1.5", on: 1)
    private static let there = Village.endpoint("10.1.2.5", on: 2)
    private static let ourselves = Village.ownAddresses[0]

    private static func external(_ endpoints: [EndpointView]) -> ServiceView {
        Village.service("web", at: "10.96.1.1", nodePorts: [30_080], to: endpoints) {
            $0.externalTrafficPolicy = .local
        }
    }

    private static func `internal`(_ endpoints: [EndpointView]) -> ServiceView {
        Village.service("web", at: "10.96.1.1", nodePorts: [30_080], to: endpoints) {
            $0.internalTrafficPolicy = .local
        }
    }

    private func toNodePort(_ service: ServiceView, from source: IPAddress) throws -> [Outcome] {
        try Village.outcomes([service], from: source, to: "10.0.0.1", port: 30_080).outcomes
    }

    private func toClusterIP(
        _ service: ServiceView,
        from source: IPAddress = Village.podHere
    ) throws -> [Outcome] {
        try Village.outcomes([service], from: source, to: "10.96.1.1", port: 80).outcomes
    }

    private let near = Village.delivered("10.1.1.5:8080")
    private let far = Village.delivered("10.1.2.5:8080")

    @Test func `11 external policy Local: a stranger reaches those here and keeps its address`()
        throws
    {
        let service = Self.external([Self.here, Self.there])
        for source in [Village.stranger, Village.podElsewhere] {
            #expect(try toNodePort(service, from: source) == [near])
        }
    }

    @Test func `12 external policy Local: a pod of this machine reaches all and keeps its address`()
        throws
    {
        let service = Self.external([Self.here, Self.there])
        #expect(try toNodePort(service, from: Village.podHere) == [near, far])
    }

    /// kube-proxy masquerades both; an endpoint here can answer this machine directly.
    @Test func `13 external policy Local: this machine reaches all, masqueraded where it matters`()
        throws
    {
        let service = Self.external([Self.here, Self.there])
        let masqueraded = Village.delivered("10.1.2.5:8080", masqueraded: true)
        #expect(try toNodePort(service, from: Self.ourselves) == [near, masqueraded])
    }

    @Test func `14 external policy Local: with nobody here a stranger's packet is dropped`() throws
    {
        let service = Self.external([Self.there])
        #expect(try toNodePort(service, from: Village.stranger) == [.dropped])
        #expect(try toNodePort(service, from: Village.podHere) == [far])
        #expect(
            try toNodePort(service, from: Self.ourselves)
                == [Village.delivered("10.1.2.5:8080", masqueraded: true)]
        )
    }

    @Test(arguments: [Village.podHere, Village.stranger, Village.ownAddresses[0]])
    func `8 external policy Local: with nobody anywhere everybody is refused`(source: IPAddress)
        throws
    {
        let service = Self.external([])
        #expect(try toNodePort(service, from: source) == [.rejected(.tcpReset)])
        #expect(try toClusterIP(service, from: source) == [.rejected(.tcpReset)])
    }

    @Test func `external policy Local: the ClusterIP leads everywhere`() throws {
        let service = Self.external([Self.here, Self.there])
        #expect(try toClusterIP(service) == [near, far])
    }

    @Test func `2 external policy Local: an endpoint that reaches itself is masqueraded`() throws {
        let service = Self.external([Self.here])
        #expect(
            try toNodePort(service, from: Village.address("10.1.1.5"))
                == [Village.delivered("10.1.1.5:8080", masqueraded: true)]
        )
    }

    @Test func `15 internal policy Local: those here alone, else a drop, else a refusal`() throws {
        #expect(try toClusterIP(Self.internal([Self.here, Self.there])) == [near])
        for source in [Village.podHere, Village.stranger, Self.ourselves] {
            let elsewhere = Self.internal([Self.there])
            #expect(try toClusterIP(elsewhere, from: source) == [.dropped])
            #expect(try toClusterIP(Self.internal([]), from: source) == [.rejected(.tcpReset)])
        }
    }

    @Test func `internal policy Local: the NodePort leads everywhere`() throws {
        let service = Self.internal([Self.there])
        #expect(
            try toNodePort(service, from: Village.stranger)
                == [Village.delivered("10.1.2.5:8080", masqueraded: true)]
        )
    }

    @Test func `both policies Local: a stranger at either place reaches those here`() throws {
        let service = Village.service(
            "web",
            at: "10.96.1.1",
            nodePorts: [30_080],
            to: [Self.here, Self.there]
        ) {
            $0.externalTrafficPolicy = .local
            $0.internalTrafficPolicy = .local
        }
        #expect(try toClusterIP(service) == [near])
        #expect(try toNodePort(service, from: Village.stranger) == [near])
    }

    @Test func `policies hold for each protocol by itself`() throws {
        let ports = [
            ServicePort(name: "t", transport: .tcp, port: 53),
            ServicePort(name: "u", transport: .udp, port: 53),
        ]
        func endpoint(_ text: String, on node: Int, _ transport: TransportProtocol) -> EndpointView
        {
            let name = transport == .tcp ? "t" : "u"
            return Village.endpoint(
                text,
                on: node,
                ports: [EndpointPort(name: name, transport: transport, port: 53)]
            )
        }
        let dns = Village.service(
            "dns",
            at: "10.96.0.10",
            ports: ports,
            nodePorts: [30_053, 30_053],
            to: [endpoint("10.1.1.5", on: 1, .tcp), endpoint("10.1.2.5", on: 2, .udp)]
        ) { $0.externalTrafficPolicy = .local }
        func outcomes(_ transport: TransportProtocol) throws -> [Outcome] {
            try Village.outcomes(
                [dns],
                from: Village.stranger,
                to: "10.0.0.1",
                port: 30_053,
                transport
            ).outcomes
        }
        #expect(try outcomes(.tcp) == [Village.delivered("10.1.1.5:53")])
        #expect(try outcomes(.udp) == [.dropped])
    }

    @Test func `the first packet to a NodePort of policy Local passes a FORWARD chain that drops`()
        throws
    {
        let view = Village.view([Self.external([Self.here, Self.there])])
        let text = Rendering(of: view, on: Village.machine).table.text
            .replacing(":FORWARD ACCEPT", with: ":FORWARD DROP")
        let walk = try Village.walk(text)
        for (source, reached) in [(Village.stranger, [near]), (Village.podHere, [near, far])] {
            let packet = Village.packet(from: source, to: "10.0.0.1", port: 30_080)
            #expect(try walk.outcomes(of: packet).outcomes == reached)
        }
    }

    @Test func `a foreign mark neither drops nor refuses what is no service's`() throws {
        let view = Village.view([Self.external([])])
        let text = Rendering(of: view, on: Village.machine).table.text
            .replacing("*nat\n", with: "*nat\n:FIRST - [0:0]\n")
            .replacing(
                "-A PREROUTING -j GV-SERVICES",
                with: "-A PREROUTING -j MARK --set-xmark 0x1400/0x1400\n"
                    + "-A PREROUTING -j GV-SERVICES"
            )
        let walk = try Village.walk(text)
        for (address, port) in [("10.0.0.1", 30_081), ("10.0.0.1", 22), ("10.1.1.5", 30_080)] {
            let packet = Village.packet(
                from: Village.stranger,
                to: address,
                port: UInt16(port)
            )
            #expect(try walk.outcomes(of: packet).outcomes == [.untouched])
        }
    }
}
