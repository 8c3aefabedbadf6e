// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Translation
import Vocabulary

/// Which flows the kernel must forget, by the table of `Village`-like services.
struct FlowTests {
    private static let ranges = AddressRanges(
        serviceCIDR: CIDR("10.96.0.0/16")!,
        nodePorts: 30_000...32_767
    )
    private static let own = [IPAddress("10.0.0.1")!, IPAddress("127.0.0.1")!]

    private func dns(
        _ endpoints: [String],
        named name: String = "dns",
        at address: String = "10.96.0.10",
        nodePort: UInt16? = 30_053
    ) -> ServiceView {
        let ports = [
            ServicePort(name: "dns", transport: .udp, port: 53),
            ServicePort(name: "dns-tcp", transport: .tcp, port: 53),
        ]
        return ServiceView(
            name: ServiceName(namespace: "default", name: name)!,
            id: ServiceID(1),
            spec: ServiceSpec(type: nodePort == nil ? .clusterIP : .nodePort, ports: ports),
            clusterIP: IPAddress(address),
            nodePorts: [nodePort, nodePort],
            endpoints: endpoints.map { text in
                EndpointView(
                    node: NodeID(2),
                    address: IPAddress(text)!,
                    ports: ports.map {
                        EndpointPort(name: $0.name, transport: $0.transport, port: 5353)
                    }
                )
            }
        )
    }

    private func table(_ services: [ServiceView]) -> TranslationTable {
        Rendering(
            of: ClusterView(
                cluster: ClusterID(1),
                clusterName: "flows",
                ranges: Self.ranges,
                services: services,
                nodes: []
            ),
            on: LocalMachine(node: NodeID(1), podCIDRs: [])
        ).table
    }

    private func judge(_ now: [ServiceView], before: [ServiceView] = []) -> FlowJudge {
        FlowJudge(
            ranges: [Self.ranges.serviceCIDR],
            offered: Destinations(of: table(now)),
            formerNodePorts: Destinations(of: table(before)).nodePorts,
            ownAddresses: Self.own
        )
    }

    private func flow(_ destination: String, _ target: String) -> TrackedFlow {
        TrackedFlow(.udp, to: SocketAddress(destination)!, reaching: SocketAddress(target)!)
    }

    @Test func `a service that did not change keeps its flows`() {
        let judge = judge([dns(["10.1.2.5", "10.1.2.6"])])
        #expect(!judge.isStale(flow("10.96.0.10:53", "10.1.2.5:5353")))
        #expect(!judge.isStale(flow("10.96.0.10:53", "10.1.2.6:5353")))
        #expect(!judge.isStale(flow("10.0.0.1:30053", "10.1.2.6:5353")))
    }

    @Test func `flows to an endpoint that is gone are stale, at the address and at the NodePort`() {
        let judge = judge([dns(["10.1.2.6"])])
        #expect(judge.isStale(flow("10.96.0.10:53", "10.1.2.5:5353")))
        #expect(judge.isStale(flow("10.0.0.1:30053", "10.1.2.5:5353")))
        // The endpoint moved to another port.
        #expect(judge.isStale(flow("10.96.0.10:53", "10.1.2.6:53")))
    }

    @Test func `a flow past a service that has endpoints now is stale`() {
        let judge = judge([dns(["10.1.2.6"])])
        #expect(judge.isStale(flow("10.96.0.10:53", "10.96.0.10:53")))
        #expect(judge.isStale(flow("10.0.0.1:30053", "10.0.0.1:30053")))
    }

    @Test func `flows of a service that has no endpoints any more, or is deleted, are stale`() {
        for judge in [
            judge([dns([])], before: [dns(["10.1.2.5"])]), judge([], before: [dns(["10.1.2.5"])]),
        ] {
            #expect(judge.isStale(flow("10.96.0.10:53", "10.1.2.5:5353")))
            #expect(judge.isStale(flow("10.0.0.1:30053", "10.1.2.5:5353")))
        }
    }

    @Test func `a deleted service whose NodePort a local program took leaves that its flows`() {
        let judge = judge([], before: [dns(["10.1.2.5"])])
        #expect(!judge.isStale(flow("10.0.0.1:30053", "10.0.0.1:30053")))
    }

    @Test func `what is none of ours is left alone`() {
        let judge = judge([dns(["10.1.2.6"])])
        // Another machine's port, a loopback address, a number that was never ours, TCP.
        #expect(!judge.isStale(flow("192.0.2.1:30053", "192.0.2.1:30053")))
        #expect(!judge.isStale(flow("127.0.0.1:30053", "127.0.0.1:30053")))
        #expect(!judge.isStale(flow("10.0.0.1:30054", "172.17.0.2:53")))
        #expect(!judge.isStale(flow("10.1.2.5:5353", "10.1.2.5:5353")))
        let dialled = SocketAddress("10.96.0.10:53")!
        #expect(!judge.isStale(TrackedFlow(.tcp, to: dialled, reaching: dialled)))
    }

    @Test func `every endpoint behind the groups of a large service is offered`() {
        let many = (1...200).map { "10.1.3.\($0)" }
        let offered = Destinations(of: table([dns(many)]))
        let place = Destinations.Place(IPAddress("10.96.0.10")!, port: 53, .udp)
        #expect(offered.endpoints(at: place)?.count == 200)
        #expect(offered.addresses.count == 200)
        #expect(offered.nodePorts.map(\.port) == [30_053, 30_053])
    }

    @Test(arguments: Seed.sweep(20))
    func `what is offered after some changes is what the last table offers`(seed: Seed) {
        var random = RandomStream(seed, "destinations")
        var before = TranslationTable.empty
        var followed = Destinations(over: [.udp])
        for _ in 0..<8 {
            var services: [ServiceView] = []
            for number in 0..<3 where random.below(2) == 0 {
                let count = [0, 1, 2, 70][Int(random.below(4))]
                let nodePort = random.below(2) == 0 ? UInt16(30_053 + number) : nil
                let ends = (0..<count).map { "10.1.\(2 + number).\(1 + $0)" }
                services.append(
                    dns(ends, named: "dns\(number)", at: "10.96.0.\(number)", nodePort: nodePort)
                )
            }
            let now = table(services)
            let old = Destinations(of: before, over: [.udp])
            let new = Destinations(of: now, over: [.udp])
            let change = TableChange(from: before, to: now)
            let others = followed.follow(change, in: now)
            #expect(followed.nodePorts == new.nodePorts)
            for number in 0..<3 {
                for place in [
                    Destinations.Place(IPAddress("10.96.0.\(number)")!, port: 53, .udp),
                    Destinations.Place(nil, port: UInt16(30_053 + number), .udp),
                ] {
                    #expect(followed.endpoints(at: place) == new.endpoints(at: place))
                    let isOther = old.endpoints(at: place) != new.endpoints(at: place)
                    #expect(others.contains(place) == isOther)
                }
            }
            before = now
        }
    }

    // MARK: Endpoints of dead machines

    private func view(_ services: [ServiceView]) -> ClusterView {
        ClusterView(
            cluster: ClusterID(1),
            clusterName: "flows",
            ranges: Self.ranges,
            services: services,
            nodes: []
        )
    }

    @Test func `what went with a dead machine is lost, what was withdrawn is not`() {
        var lost = LostEndpoints()
        let both = view([dns(["10.1.2.5", "10.1.2.6"])])
        lost.follow(both, isDead: { _ in false }, at: .zero)
        var drained = lost
        drained.follow(view([dns(["10.1.2.6"])]), isDead: { _ in false }, at: .zero)
        #expect(drained.addresses == [])
        lost.follow(view([dns([])]), isDead: { $0 == NodeID(2) }, at: .zero)
        #expect(lost.addresses.map(\.description) == ["10.1.2.5", "10.1.2.6"])
        #expect(lost.nextDeadline == Instant.zero + LostEndpoints.patience)
    }

    @Test func `a machine that lives again, and one that is long dead, gets no resets`() {
        var lost = LostEndpoints()
        lost.follow(view([dns(["10.1.2.5"])]), isDead: { _ in false }, at: .zero)
        lost.follow(view([]), isDead: { _ in true }, at: .zero)
        var back = lost
        back.forget(isDead: { _ in false }, at: .zero)
        #expect(back.addresses == [])
        back = lost
        back.follow(view([dns(["10.1.2.5"])]), isDead: { _ in true }, at: .zero)
        #expect(back.addresses == [])
        lost.forget(isDead: { _ in true }, at: Instant.zero + LostEndpoints.patience)
        #expect(lost.addresses == [])
    }

    @Test func `resets stand before what lets our flows through, and go without a trace`() {
        let plain = table([dns(["10.1.2.6"])])
        let resetting = plain.resetting(
            [IPAddress("10.1.2.5")!, IPAddress("fd00::5")!],
            ranges: [Self.ranges.serviceCIDR],
            nodePorts: Self.ranges.nodePorts
        )
        #expect(resetting.nat == plain.nat)
        let forward = resetting.filter.jumps.filter { $0.hook == .forward }
        #expect(forward.first?.rule.destinationChain == "GV-DEAD")
        #expect(resetting.text.contains("-A GV-DEAD -d 10.1.2.5/32 -g GV-DEAD-RESET"))
        #expect(!resetting.text.contains("fd00::5"))
        #expect(
            plain.resetting([], ranges: [Self.ranges.serviceCIDR], nodePorts: 1...2) == plain
        )
    }

    // MARK: Counters

    @Test func `connections are counted on through a rewrite of the chain`() throws {
        let web = table([dns(["10.1.2.5"])])
        let chain = try #require(web.nat.chains.map(\.name).first { $0.hasPrefix("GV-SVC-") })
        func saved(_ packets: Int) -> String {
            "*nat\n:\(chain) - [0:0]\n[7:1] -A GV-SERVICES -j \(chain)\n"
                + "[\(packets):60] -A \(chain) -p udp -m comment --comment \"a b\" "
                + "-j DNAT --to-destination 10.1.2.5:5353\nCOMMIT\n"
        }
        let key = try #require(ChainName.portKey(of: chain))
        var counts = ConnectionCounts()
        counts.read(saved(3))
        counts.read(saved(5))
        counts.willRewrite([key])
        counts.read(saved(4))
        #expect(counts.byChain[key]?.endpoints.map(\.count) == [9])
        // One chain alone, as `iptables -v -S` prints it.
        counts.read(
            chains: "-N \(chain)\n-A \(chain) -p udp -c 5 300 -j DNAT "
                + "--to-destination 10.1.2.5:5353\n"
        )
        #expect(counts.byChain[key]?.endpoints.map(\.count) == [10])
        // Somebody else's rewrite shows by a smaller number.
        counts.read(saved(1))
        #expect(counts.byChain[key]?.endpoints.map(\.count) == [11])
        // An endpoint that is gone goes on counting for its service.
        counts.follow([key], in: table([dns(["10.1.2.6"])]))
        #expect(counts.byChain[key]?.endpoints.map(\.count) == [0])
        #expect(counts.byChain[key]?.total == 11)
        counts.follow([key], in: table([]))
        #expect(counts.byChain.isEmpty)
    }
}
