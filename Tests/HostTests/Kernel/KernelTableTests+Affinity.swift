import Glibc
import Registry
import Testing
import Translation
import Vocabulary

/// Clients that stay with their endpoint, with real packets and real sets.
///
/// Of the same suite as the other tables, so that these tests wait for each other: a village keeps
/// a thread, and there may be two.
extension KernelTableTests {
    private func service(seconds: UInt32) throws -> ServiceView {
        var spec = ServiceSpec(
            type: .clusterIP,
            ports: [ServicePort(transport: .udp, port: 80)]
        )
        spec.sessionAffinity = .clientIP(seconds: seconds)
        return ServiceView(
            name: try #require(ServiceName(namespace: "default", name: "web")),
            id: ServiceID(1),
            spec: spec,
            clusterIP: IPAddress("10.96.1.1"),
            nodePorts: [nil],
            endpoints: KernelVillage.homes.map {
                EndpointView(
                    node: $0.node,
                    address: $0.address,
                    ports: [EndpointPort(transport: .udp, port: 8080)]
                )
            }
        )
    }

    /// What clients of a village do, after a service there keeps them for so many seconds.
    private func visit(
        _ flavour: KernelFlavour,
        seconds: UInt32,
        _ body: ([UInt32], (UInt32) async throws -> Outcome) async throws -> Void
    ) async throws {
        try await KernelVillage.visit(
            flavour,
            waiting: { village in
                try village.gatherCrowd()
                let view = ClusterView(
                    cluster: ClusterID(1),
                    clusterName: "kernel",
                    ranges: KernelVillage.ranges,
                    services: [try service(seconds: seconds)],
                    nodes: []
                )
                try village.writeWithSets(Rendering(of: view, on: KernelVillage.local).table)
                var probe = KernelProbe(village)
                for home in KernelVillage.homes {
                    try probe.listen(at: SocketAddress(home.address, port: 8080))
                }
                let place = try #require(SocketAddress("10.96.1.1:80"))
                let first = UInt32(truncatingIfNeeded: KernelVillage.crowd.base.number)
                // A socket of its own each time, so that conntrack knows nothing of the visit before.
                let go = probe
                try await body(Array(1...10_000)) { client in
                    // Other tests have something to do as well.
                    if client % 50 == 0 { await Task.yield() }
                    return try go.send(from: .v4(first + client), to: place, .udp)
                }
            }
        )
    }

    @Test(arguments: KernelFlavour.allCases)
    func `each of 10,000 clients of one service comes back to its endpoint`(
        flavour: KernelFlavour
    ) async throws {
        try await visit(flavour, seconds: 10_800) { clients, go in
            var first: [Outcome] = []
            for client in clients { first.append(try await go(client)) }
            #expect(Set(first).count == KernelVillage.homes.count)
            var strays = 0
            for (client, home) in zip(clients, first) {
                let again = try await go(client)
                strays += again == home ? 0 : 1
            }
            #expect(strays == 0)
        }
    }

    @Test(arguments: KernelFlavour.allCases)
    func `a client stays while it comes within the time, and chooses anew after it`(
        flavour: KernelFlavour
    ) async throws {
        try await visit(flavour, seconds: 4) { clients, go in
            func visits() async throws -> [Outcome] {
                var homes: [Outcome] = []
                for client in clients.prefix(100) { homes.append(try await go(client)) }
                return homes
            }
            let first = try await visits()
            // Twice two seconds and a bit: only because the second visit began the four anew.
            for _ in 0..<2 {
                try await Task.sleep(for: .milliseconds(2_100))
                #expect(try await visits() == first)
            }
            try await Task.sleep(for: .milliseconds(5_200))
            let moved = zip(try await visits(), first).count { $0 != $1 }
            // Three of four by chance; below 40 once in 10^14 runs.
            #expect(moved > 40)
        }
    }
}
