// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Translation
import Vocabulary

/// The cluster's own address for DNS leads to where the machine answers for names.
struct NameServiceTests {
    private func outcomes(
        _ services: [ServiceView] = [],
        servers: [String] = ["10.0.0.1:8653", "[fd00::1]:8653"],
        from source: IPAddress = Village.podHere,
        to destination: String = "10.96.0.10",
        port: UInt16 = 53,
        _ transport: TransportProtocol = .udp
    ) throws -> [Outcome] {
        let machine = LocalMachine(
            node: Village.node(1),
            podCIDRs: Village.machine.podCIDRs,
            nameServers: servers.map { SocketAddress($0)! }
        )
        let family = Village.address(destination).family
        let text = Rendering(of: Village.view(services), on: machine, family: family).table.text
        let packet = Village.packet(from: source, to: destination, port: port, transport)
        return try Village.walk(text).outcomes(of: packet).outcomes
    }

    @Test(arguments: TransportProtocol.allCases)
    func `whoever asks on this machine, or behind it, is led there`(
        transport: TransportProtocol
    ) throws {
        let pod = try outcomes(from: Village.podHere, transport)
        #expect(pod == [Village.delivered("10.0.0.1:8653")])
        // From its own address to its own address, as any endpoint that reaches itself.
        let own = try outcomes(from: Village.ownAddresses[0], transport)
        #expect(own == [Village.delivered("10.0.0.1:8653", masqueraded: true)])
        let six = try outcomes(from: Village.address("fd00:1:1::7"), to: "fd00:10::a", transport)
        #expect(six == [Village.delivered("[fd00::1]:8653")])
    }

    @Test func `another port there is closed`() throws {
        #expect(try outcomes(port: 80, .tcp) == [.rejected(.tcpReset)])
    }

    @Test func `a machine that does not answer for names has no such rule`() throws {
        #expect(try outcomes(servers: []) == [.rejected(.portUnreachable)])
    }

    @Test func `somebody's own service at that address is the one that is reached`() throws {
        let own = Village.service(
            "coredns",
            at: "10.96.0.10",
            ports: [ServicePort(name: "dns", transport: .udp, port: 53)],
            to: [
                Village.endpoint(
                    "10.1.2.5",
                    ports: [EndpointPort(name: "dns", transport: .udp, port: 53)]
                )
            ]
        )
        #expect(try outcomes([own]) == [Village.delivered("10.1.2.5:53")])
    }

    @Test func `it stands beside all other services`() throws {
        let web = Village.service("web", at: "10.96.1.1", to: [Village.endpoint("10.1.2.5")])
        #expect(
            try outcomes([web], to: "10.96.1.1", port: 80, .tcp)
                == [Village.delivered("10.1.2.5:8080")]
        )
        #expect(try outcomes([web]) == [Village.delivered("10.0.0.1:8653")])
    }

    @Test func `a renderer that learns of it later writes the same`() throws {
        let view = Village.view([
            Village.service("web", at: "10.96.1.1", to: [Village.endpoint("10.1.2.5")])
        ])
        let servers = [SocketAddress("10.0.0.1:8653")!]
        let machine = LocalMachine(node: Village.node(1), podCIDRs: [], nameServers: servers)
        var renderer = Renderer()
        _ = renderer.render(view, on: LocalMachine(node: Village.node(1), podCIDRs: []))
        let later = renderer.render(view, on: machine)
        #expect(later == Rendering(of: view, on: machine))
        #expect(later.refusals == [])
    }
}
