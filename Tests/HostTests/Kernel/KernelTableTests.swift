import Registry
import Testing
import Translation
import Vocabulary

/// `PacketWalk` against the kernel: the same text, and real packets.
@Suite(
    .serialized,
    .enabled(if: KernelFlavour.obstacle == nil, "\(KernelFlavour.obstacle ?? "")")
)
struct KernelTableTests {
    static let foreign = """
        *nat
        -A PREROUTING -p tcp -m tcp --dport 8 -j DNAT --to-destination 10.9.9.9:8
        -A POSTROUTING -s 10.9.9.0/24 -j MASQUERADE
        COMMIT
        *filter
        :OTHERS - [0:0]
        -A INPUT -p icmp -m comment --comment "some one's \\"rule\\"" -j OTHERS
        -A FORWARD -s 10.9.9.0/24 -j ACCEPT
        COMMIT

        """

    private func table(_ services: [ServiceView]) -> TranslationTable {
        let view = ClusterView(
            cluster: ClusterID(1),
            clusterName: "kernel",
            ranges: KernelVillage.ranges,
            services: services,
            nodes: []
        )
        return Rendering(of: view, on: KernelVillage.local).table
    }

    @Test(arguments: KernelFlavour.allCases, KernelViews.seeds)
    func `packets go where the walk says, and the kernel holds what was written`(
        flavour: KernelFlavour,
        seed: Seed
    ) throws {
        try KernelVillage.visit(flavour) { village in
            try village.restore(Self.foreign)
            let before = try village.save()
            var draw = KernelDraw(seed)
            var services = draw.services()
            var probe = KernelProbe(village)
            for view in 1...KernelViews.perSeed {
                let wanted = table(services)
                try village.write(wanted)
                let text = try village.save()
                let found = try TranslationTable(parsing: text)
                #expect(found == wanted, "\(wanted.drift(in: found))")
                #expect(wanted.runs(from: found, chainsPerRun: 5).isEmpty, "view \(view)")
                let walk = PacketWalk(
                    through: try KernelRules(parsing: text),
                    ownAddresses: KernelVillage.ownAddresses
                )
                for place in draw.endpoints(of: services) { try probe.listen(at: place) }
                for (source, place, transport) in draw.packets(among: services) {
                    let packet = village.packet(from: source, to: place, transport)
                    let predicted = try walk.outcomes(of: packet).map(\.outcome)
                    if predicted == [.untouched] { try probe.listen(at: place) }
                    // Of what shall be dropped nothing comes back, however long one waits.
                    let patience: Int32 = predicted.contains(.dropped) ? 20 : 2_000
                    let happened = try probe.send(
                        from: source,
                        to: place,
                        transport,
                        patience: patience,
                        expecting: Array(predicted)
                    )
                    #expect(
                        predicted.contains(happened),
                        "view \(view): \(source) to \(place) \(transport.name)"
                    )
                }
                services = draw.changed(services)
            }
            let found = try TranslationTable(parsing: try village.save())
            for run in TranslationTable.cleanup(of: found) { try village.restore(run.text) }
            #expect(try village.save() == before)
        }
    }

    @Test(arguments: KernelFlavour.allCases)
    func `three endpoints share 300 connections`(flavour: KernelFlavour) throws {
        try KernelVillage.visit(flavour) { village in
            let port = ServicePort(port: 80)
            let service = ServiceView(
                name: try #require(ServiceName(namespace: "default", name: "web")),
                id: ServiceID(1),
                spec: ServiceSpec(type: .clusterIP, ports: [port]),
                clusterIP: IPAddress("10.96.1.1"),
                nodePorts: [nil],
                endpoints: KernelVillage.homes.prefix(3).map {
                    EndpointView(
                        node: $0.node,
                        address: $0.address,
                        ports: [EndpointPort(port: 8080)]
                    )
                }
            )
            try village.write(table([service]))
            var probe = KernelProbe(village)
            for home in KernelVillage.homes.prefix(3) {
                try probe.listen(at: SocketAddress(home.address, port: 8080))
            }
            var counts: [Outcome: Int] = [:]
            let place = try #require(SocketAddress("10.96.1.1:80"))
            for _ in 0..<300 {
                let client = try #require(IPAddress("10.1.1.200"))
                counts[try probe.send(from: client, to: place, .tcp), default: 0] += 1
            }
            // Six standard deviations: once in half a billion runs by chance.
            #expect(counts.count == 3)
            #expect(counts.sorted { $0.key < $1.key }.allSatisfy { (50...150).contains($0.value) })
        }
    }

    @Test(arguments: KernelFlavour.allCases)
    func `our flows pass a FORWARD chain that drops by policy, others do not`(
        flavour: KernelFlavour
    ) throws {
        try KernelVillage.visit(flavour) { village in
            var draw = KernelDraw(Seed(1))
            let services = draw.services()
            try village.restore("*filter\n:FORWARD DROP [0:0]\nCOMMIT\n")
            try village.write(table(services))
            var probe = KernelProbe(village)
            for place in draw.endpoints(of: services) { try probe.listen(at: place) }
            let walk = PacketWalk(
                through: try KernelRules(parsing: try village.save()),
                ownAddresses: KernelVillage.ownAddresses
            )
            for (source, place, transport) in draw.packets(among: services) {
                let packet = village.packet(from: source, to: place, transport)
                let predicted = try walk.outcomes(of: packet).map(\.outcome)
                if predicted == [.untouched] { try probe.listen(at: place) }
                let patience: Int32 = predicted == [.dropped] ? 50 : 2_000
                let happened = try probe.send(
                    from: source,
                    to: place,
                    transport,
                    patience: patience,
                    expecting: Array(predicted)
                )
                #expect(predicted.contains(happened), "\(source) to \(place) \(transport.name)")
            }
        }
    }
}
