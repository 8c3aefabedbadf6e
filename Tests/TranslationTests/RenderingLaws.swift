import Registry
import Testing
import Translation
import Vocabulary

struct RenderingLaws {
    private func table(
        _ services: [ServiceView],
        _ family: IPAddress.Family = .v4
    ) -> TranslationTable {
        Rendering(of: Village.view(services), on: Village.machine, family: family).table
    }

    private func check(
        _ walk: PacketWalk,
        _ client: Oracle.Client,
        to address: IPAddress,
        port: UInt16,
        _ transport: TransportProtocol,
        reaches expected: [LikelyOutcome]
    ) throws {
        let packet = Village.packet(
            from: client.address(address.family),
            to: "\(address)",
            port: port,
            transport
        )
        let found = try walk.outcomes(of: packet)
        #expect(found.outcomes == expected.outcomes)
        for (found, expected) in zip(found, expected) {
            #expect(abs(found.probability - expected.probability) < 1e-6)
        }
    }

    @Test(arguments: Seed.sweep(25))
    func `every client of every service meets what the design says, as often as it says`(
        seed: Seed
    ) throws {
        var forest = Forest(seed)
        let services = forest.services(1 + forest.random.below(80))
        for family in IPAddress.Family.allCases {
            let walk = try Village.walk(table(services, family).text)
            for service in services {
                try check(service, family, by: walk)
            }
        }
    }

    private func check(
        _ service: ServiceView,
        _ family: IPAddress.Family,
        by walk: PacketWalk
    ) throws {
        let node = try #require(Village.ownAddresses.first { $0.family == family })
        for (port, nodePort) in zip(service.spec.ports, service.nodePorts) {
            let oracle = Oracle(service: service, port: port, family: family)
            for client in Oracle.Client.allCases {
                if let address = service.clusterIP(in: family) {
                    try check(
                        walk,
                        client,
                        to: address,
                        port: port.port,
                        port.transport,
                        reaches: oracle.atClusterIP(client)
                    )
                }
                guard let nodePort else { continue }
                try check(
                    walk,
                    client,
                    to: node,
                    port: nodePort,
                    port.transport,
                    reaches: oracle.atNodePort(client)
                )
            }
        }
    }

    @Test(arguments: Seed.sweep(25))
    func `whatever is not declared is refused in the range and untouched elsewhere`(
        seed: Seed
    ) throws {
        var forest = Forest(seed)
        let services = forest.services(1 + forest.random.below(80))
        let walk = try Village.walk(table(services).text)
        let taken = Set(services.compactMap(\.clusterIP))
        let nodePorts = Set(services.flatMap(\.nodePorts).compactMap(\.self))
        for _ in 0..<50 {
            let word = UInt32(truncatingIfNeeded: forest.random.next())
            let address = IPAddress.v4(
                forest.random.chance(1, in: 2) ? 0x0a60_0000 | word & 0xffff : word
            )
            guard !taken.contains(address), !address.isLoopback else { continue }
            let port = UInt16(1 + forest.random.below(65_535))
            let packet = Village.packet(from: Village.stranger, to: "\(address)", port: port)
            let inRange = Village.ranges.serviceCIDR.contains(address)
            let outcomes = try walk.outcomes(of: packet).outcomes
            #expect(outcomes == [inRange ? .rejected(.tcpReset) : .untouched])
            guard !nodePorts.contains(port) else { continue }
            let here = Village.packet(from: Village.stranger, to: "10.0.0.1", port: port)
            #expect(try walk.outcomes(of: here).outcomes == [.untouched])
        }
    }

    @Test(arguments: Seed.sweep(25))
    func `the order in which a view was put together does not show`(seed: Seed) {
        var forest = Forest(seed)
        let services = forest.services(60)
        let mixed = services.mixed(&forest.random).map { service in
            ServiceView(
                name: service.name,
                id: service.id,
                spec: service.spec,
                clusterIPs: service.clusterIPs,
                nodePorts: service.nodePorts,
                endpoints: service.endpoints.mixed(&forest.random)
            )
        }
        #expect(table(services).text == table(mixed).text)
    }

    @Test(arguments: Seed.sweep(25))
    func `reading the text gives the table back`(seed: Seed) throws {
        var forest = Forest(seed)
        let services = forest.services(60)
        for family in IPAddress.Family.allCases {
            let table = table(services, family)
            #expect(try TranslationTable(parsing: table.text) == table)
            #expect(try TranslationTable(parsing: table.text).text == table.text)
            #expect(self.table(services, family) == table)
        }
    }

    @Test(arguments: Seed.sweep(25))
    func `names fit iptables and are sorted and unique`(seed: Seed) {
        var forest = Forest(seed)
        let services = forest.services(120)
        let tables = IPAddress.Family.allCases.map { table(services, $0) }
        for section in tables.flatMap({ table in KernelTable.allCases.map { table[$0] } }) {
            let names = section.chains.map(\.name)
            #expect(names == Set(names).sorted())
            #expect(names.allSatisfy { $0.utf8.count <= ChainName.longest })
            #expect(names.allSatisfy(ChainName.isOurs))
        }
    }

    @Test(arguments: Seed.sweep(25))
    func `one malformed service changes nothing for the others`(seed: Seed) {
        var forest = Forest(seed)
        let good = forest.services(30)
        let bad = [
            Village.service("bad", at: "10.96.0.5", ports: [], to: []),
            Village.service("far", at: "10.97.0.5", to: [Village.endpoint("10.1.2.5")]),
            Village.service(
                "list",
                at: "10.96.0.6",
                nodePorts: [nil, 30_001],
                to: [Village.endpoint("10.1.2.5")]
            ),
            Village.service(
                "zero",
                at: "10.96.0.7",
                to: [Village.endpoint("10.1.2.5", ports: [EndpointPort(port: 0)])]
            ),
            Village.service(
                "loop",
                at: "10.96.0.8",
                to: ["0.0.0.0", "127.0.0.1", "224.0.0.1", "10.96.0.1", "255.255.255.255"]
                    .map { Village.endpoint($0) }
            ),
        ]
        let rendering = Rendering(of: Village.view(good + bad), on: Village.machine)
        let refused = rendering.refusals.map(\.service.name)
        #expect(
            refused.sorted() == ["bad", "far", "list"] + (0..<5).map { _ in "loop" } + ["zero"]
        )
        // `far` and `loop` lose what is wrong with them; what is left of them leads nowhere.
        let names = Set(table(good).nat.chains.map(\.name))
        let extra = rendering.table.nat.chains.filter { !names.contains($0.name) }
        #expect(extra.isEmpty)
    }

    @Test func `the first of two services at one place keeps it, and the other is named`() throws {
        let first = Village.service(
            "a",
            at: "10.96.1.1",
            nodePorts: [30_001],
            to: [Village.endpoint("10.1.2.5")]
        )
        let second = Village.service(
            "b",
            at: "10.96.1.1",
            nodePorts: [30_001],
            to: [Village.endpoint("10.1.2.6")]
        )
        let rendering = Rendering(of: Village.view([second, first]), on: Village.machine)
        #expect(
            rendering.refusals.map(\.description) == [
                "default/b: 10.96.1.1:80 TCP belongs to default/a",
                "default/b: NodePort 30001 TCP belongs to default/a",
            ]
        )
        let outcomes = try Village.outcomes([first, second], to: "10.96.1.1", port: 80)
        #expect(outcomes.outcomes == [Village.delivered("10.1.2.5:8080")])
    }

    @Test func `a cluster without a range of a family asks for no rules of it`() {
        let view = Village.view(
            [Village.service("a", at: "10.96.1.1", to: [])],
            in: AddressRanges(serviceCIDR: Village.ranges.serviceCIDR, nodePorts: 30_000...30_100)
        )
        let rendering = Rendering(of: view, on: Village.machine, family: .v6)
        #expect(rendering.table == .empty)
    }
}
