import Registry
import Testing
import Translation
import Vocabulary

/// The port on which a machine says whether endpoints of a service are on it.
struct HealthCheckTests {
    private func service(
        _ name: String = "web",
        at address: String = "10.96.1.1",
        port: UInt16? = 30_099,
        nodePort: UInt16 = 30_080,
        to endpoints: [EndpointView]
    ) -> ServiceView {
        Village.service(name, at: address, nodePorts: [nodePort], to: endpoints) {
            $0.externalTrafficPolicy = .local
            $0.healthCheckNodePort = port
        }
    }

    private func rendering(_ services: [ServiceView]) -> Rendering {
        Rendering(of: Village.view(services), on: Village.machine)
    }

    private let here = Village.endpoint("10.1.1.5", on: 1)
    private let there = Village.endpoint("10.1.2.5")

    @Test func `26 the port passes a firewall that drops, and not once it is gone`() throws {
        func outcomes(_ service: ServiceView, port: UInt16) throws -> [Outcome] {
            let text = rendering([service]).table.text
                .replacing("*filter\n:INPUT ACCEPT", with: "*filter\n:INPUT DROP")
            let packet = Village.packet(from: Village.stranger, to: "10.0.0.1", port: port)
            return try Village.walk(text).outcomes(of: packet).outcomes
        }
        #expect(try outcomes(service(to: [here]), port: 30_099) == [.untouched])
        #expect(try outcomes(service(to: [here]), port: 30_098) == [.dropped])
        #expect(try outcomes(service(port: nil, to: [here]), port: 30_099) == [.dropped])
    }

    @Test func `many such ports are found in a tree`() throws {
        let services = (0..<100).map { index in
            service(
                "s\(index)",
                at: "10.96.2.\(index)",
                port: UInt16(31_000 + index),
                nodePort: UInt16(30_000 + index),
                to: [here]
            )
        }
        let rendering = rendering(services)
        #expect(rendering.healthChecks.map(\.port) == (31_000..<31_100).map { UInt16($0) })
        #expect(rendering.table.filter.chains.allSatisfy { $0.rules.count <= 16 })
        let text = rendering.table.text
            .replacing("*filter\n:INPUT ACCEPT", with: "*filter\n:INPUT DROP")
        let walk = try Village.walk(text)
        for port in [UInt16(31_000), 31_057, 31_099] {
            let packet = Village.packet(from: Village.stranger, to: "10.0.0.1", port: port)
            #expect(try walk.outcomes(of: packet).outcomes == [.untouched])
        }
    }

    @Test func `59 the answer is yes with a ready endpoint here, and only then`() throws {
        func answer(_ endpoints: [EndpointView], isHealthy: Bool = true) throws
            -> HealthCheck.Answer
        {
            try #require(rendering([service(to: endpoints)]).healthChecks.first)
                .answer(isProxyHealthy: isHealthy)
        }
        let ending = Village.endpoint("10.1.1.6", on: 1, conditions: [.serving, .terminating])
        let idle = Village.endpoint("10.1.1.7", on: 1, conditions: [.serving])
        let yes = try answer([here, ending, idle, there])
        #expect(yes.status == 200)
        #expect(yes.weight == 1)
        #expect(
            yes.body == #"{"service":{"namespace":"default","name":"web"},"localEndpoints":1,"#
                + #""serviceProxyHealthy":true}"#
        )
        for endpoints in [[ending, there], [idle], [there], []] {
            #expect(try answer(endpoints).status == 503)
            #expect(try answer(endpoints).weight == 0)
        }
        let unwell = try answer([here], isHealthy: false)
        #expect(unwell.status == 503)
        #expect(unwell.body.hasSuffix(#""localEndpoints":1,"serviceProxyHealthy":false}"#))
    }

    @Test func `a port that is out of range, a NodePort or another's is refused by name`() {
        let services = [
            service("far", at: "10.96.1.1", port: 80, nodePort: 30_001, to: [here]),
            service("a", at: "10.96.1.2", port: 30_003, nodePort: 30_002, to: [here]),
            service("b", at: "10.96.1.3", port: 30_099, nodePort: 30_003, to: [here]),
            service("c", at: "10.96.1.4", port: 30_099, nodePort: 30_004, to: [here]),
        ]
        let rendering = rendering(services)
        #expect(
            rendering.refusals.map(\.description) == [
                "default/a: NodePort 30003 TCP belongs to default/b",
                "default/c: NodePort 30099 TCP belongs to default/b",
                "default/far: NodePort 80 is not in the range for NodePorts",
            ]
        )
        #expect(rendering.healthChecks.map(\.service.name) == ["b"])
    }

    @Test func `a NodePort that a program of this machine has is left to it, here alone`() throws {
        let machine = LocalMachine(
            node: Village.machine.node,
            podCIDRs: Village.machine.podCIDRs,
            takenNodePorts: [LocalPort(30_080, .tcp)]
        )
        let service = service(to: [here, there])
        let table = Rendering(of: Village.view([service]), on: machine)
        #expect(table.refusals == [])
        let walk = try Village.walk(table.table.text)
        func outcomes(_ address: String, port: UInt16) throws -> [Outcome] {
            let packet = Village.packet(from: Village.stranger, to: address, port: port)
            return try walk.outcomes(of: packet).outcomes
        }
        #expect(try outcomes("10.0.0.1", port: 30_080) == [.untouched])
        #expect(try outcomes("10.96.1.1", port: 80).count == 2)
        // UDP of that number is another port.
        let udp = LocalMachine(
            node: Village.machine.node,
            podCIDRs: Village.machine.podCIDRs,
            takenNodePorts: [LocalPort(30_080, .udp)]
        )
        let other = Rendering(of: Village.view([service]), on: udp)
        #expect(other.table == Rendering(of: Village.view([service]), on: Village.machine).table)
    }
}
