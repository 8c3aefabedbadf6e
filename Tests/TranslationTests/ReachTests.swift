import Registry
import Testing
import Translation
import Vocabulary

/// Who is reached, by text alone; the numbers are those of the behaviours in the design.
struct ReachTests {
    let web = Village.service(
        "web",
        at: "10.96.1.1",
        nodePorts: [30_080],
        to: [Village.endpoint("10.1.2.5")]
    )

    @Test func `1 a pod reaches the only endpoint and keeps its address`() throws {
        let outcomes = try Village.outcomes([web], to: "10.96.1.1", port: 80)
        #expect(outcomes == [LikelyOutcome(Village.delivered("10.1.2.5:8080"), 1)])
    }

    @Test func `2 an endpoint that reaches itself is masqueraded`() throws {
        let service = Village.service(
            "web",
            at: "10.96.1.1",
            nodePorts: [30_080],
            to: [Village.endpoint("10.1.1.5", on: 1)]
        )
        let itself = Village.address("10.1.1.5")
        let hairpin = [Village.delivered("10.1.1.5:8080", masqueraded: true)]
        #expect(
            try Village.outcomes([service], from: itself, to: "10.96.1.1", port: 80).outcomes
                == hairpin
        )
        #expect(
            try Village.outcomes([service], from: itself, to: "10.0.0.1", port: 30_080).outcomes
                == hairpin
        )
        #expect(
            try Village.outcomes([service], to: "10.96.1.1", port: 80).outcomes
                == [Village.delivered("10.1.1.5:8080")]
        )
    }

    @Test func `3 either of two endpoints is as likely as the other`() throws {
        let service = Village.service(
            "web",
            at: "10.96.1.1",
            to: [Village.endpoint("10.1.2.5"), Village.endpoint("10.1.3.5", on: 3)]
        )
        let outcomes = try Village.outcomes([service], to: "10.96.1.1", port: 80)
        #expect(
            outcomes == [
                LikelyOutcome(Village.delivered("10.1.2.5:8080"), 0.5),
                LikelyOutcome(Village.delivered("10.1.3.5:8080"), 0.5),
            ]
        )
    }

    @Test func `4 the endpoint's own port counts, not the one that was dialled`() throws {
        let service = Village.service(
            "web",
            at: "10.96.1.1",
            ports: [ServicePort(port: 443, targetPort: 1)],
            to: [Village.endpoint("10.1.2.5", ports: [EndpointPort(port: 8443)])]
        )
        let outcomes = try Village.outcomes([service], to: "10.96.1.1", port: 443)
        #expect(outcomes.outcomes == [Village.delivered("10.1.2.5:8443")])
    }

    @Test func `5 TCP and UDP of one port are two services`() throws {
        let dns = Village.service(
            "dns",
            at: "10.96.0.10",
            ports: [
                ServicePort(name: "tcp", transport: .tcp, port: 53),
                ServicePort(name: "udp", transport: .udp, port: 53),
            ],
            to: [
                Village.endpoint(
                    "10.1.2.5",
                    ports: [
                        EndpointPort(name: "tcp", transport: .tcp, port: 5301),
                        EndpointPort(name: "udp", transport: .udp, port: 5302),
                    ]
                )
            ]
        )
        let tcp = try Village.outcomes([dns], to: "10.96.0.10", port: 53, .tcp)
        let udp = try Village.outcomes([dns], to: "10.96.0.10", port: 53, .udp)
        #expect(tcp.outcomes == [Village.delivered("10.1.2.5:5301")])
        #expect(udp.outcomes == [Village.delivered("10.1.2.5:5302")])
    }

    @Test func `6 UDP to a TCP port finds nobody`() throws {
        let outcomes = try Village.outcomes([web], to: "10.96.1.1", port: 80, .udp)
        #expect(outcomes.outcomes == [.rejected(.portUnreachable)])
    }

    @Test func `7 another service's port on this address finds nobody`() throws {
        let other = Village.service(
            "other",
            at: "10.96.1.2",
            ports: [ServicePort(port: 81)],
            to: [Village.endpoint("10.1.2.6")]
        )
        let outcomes = try Village.outcomes([web, other], to: "10.96.1.1", port: 81)
        #expect(outcomes.outcomes == [.rejected(.tcpReset)])
    }

    @Test(arguments: [Village.podHere, Village.stranger, Village.ownAddresses[0]])
    func `8 and 20 a service without endpoints refuses at once`(source: IPAddress) throws {
        let notReady = Village.endpoint("10.1.2.5", conditions: [.serving])
        let service = Village.service(
            "web",
            at: "10.96.1.1",
            nodePorts: [30_080],
            to: [notReady]
        )
        let cluster = try Village.outcomes([service], from: source, to: "10.96.1.1", port: 80)
        let node = try Village.outcomes([service], from: source, to: "10.0.0.1", port: 30_080)
        #expect(cluster.outcomes == [.rejected(.tcpReset)])
        #expect(node.outcomes == [.rejected(.tcpReset)])
    }

    @Test func `a NodePort that no service has is left alone`() throws {
        let outcomes = try Village.outcomes(
            [web],
            from: Village.stranger,
            to: "10.0.0.1",
            port: 30_081
        )
        #expect(outcomes.outcomes == [.untouched])
    }

    @Test func `a NodePort does not answer on loopback`() throws {
        let outcomes = try Village.outcomes(
            [web],
            from: Village.ownAddresses[0],
            to: "127.0.0.1",
            port: 30_080
        )
        #expect(outcomes.outcomes == [.untouched])
    }

    @Test(arguments: ["10.1.2.5", "10.97.0.1", "192.0.2.1", "10.0.0.1"])
    func `whatever is no service is left alone`(destination: String) throws {
        for source in [Village.podHere, Village.stranger, Village.ownAddresses[0]] {
            let outcomes = try Village.outcomes([web], from: source, to: destination, port: 80)
            #expect(outcomes.outcomes == [.untouched])
        }
    }

    @Test func `38 a headless service has no rules`() throws {
        let endpoints = [Village.endpoint("10.1.2.5")]
        let headless = Village.service("db", at: nil, to: endpoints)
        let table = Rendering(of: Village.view([headless]), on: Village.machine).table
        #expect(table == Rendering(of: Village.view([]), on: Village.machine).table)
    }

    @Test func `an alias answers like the address people are told`() throws {
        let service = ServiceView(
            name: web.name,
            id: web.id,
            spec: web.spec,
            clusterIP: web.clusterIP,
            aliases: [Village.address("10.96.200.1")],
            nodePorts: web.nodePorts,
            endpoints: web.endpoints
        )
        for address in ["10.96.1.1", "10.96.200.1"] {
            let outcomes = try Village.outcomes([service], to: address, port: 80)
            #expect(outcomes.outcomes == [Village.delivered("10.1.2.5:8080")])
        }
    }

    @Test func `a suspect is avoided unless it is the last`() throws {
        let healthy = Village.endpoint("10.1.2.5")
        let suspect = Village.endpoint("10.1.3.5", on: 3, isSuspect: true)
        let both = Village.service("web", at: "10.96.1.1", to: [healthy, suspect])
        let last = Village.service("web", at: "10.96.1.1", to: [suspect])
        #expect(
            try Village.outcomes([both], to: "10.96.1.1", port: 80).outcomes
                == [Village.delivered("10.1.2.5:8080")]
        )
        #expect(
            try Village.outcomes([last], to: "10.96.1.1", port: 80).outcomes
                == [Village.delivered("10.1.3.5:8080")]
        )
    }
}
