import Registry
import Testing
import Vocabulary

/// What holds of the index whatever happened before.
struct ServiceIndexLaws {
    private static let steps = 24

    // Invariants 18, 20 and 21.
    @Test(arguments: Seed.sweep(200))
    func `an index that saw every change equals one that is made now, and the plain rules`(
        seed: Seed
    ) {
        var world = Upheaval(seed)
        var index = ServiceIndex(cluster: world.realm.cluster)
        var random = RandomStream(seed, "looks")
        var judged: [NodeID] = []
        for step in 0..<Self.steps {
            judged += world.step()
            // Some changes come together.
            guard random.chance(2, in: 3) || step == Self.steps - 1 else { continue }
            index.update(
                from: world.store,
                world.store.drainChanges(),
                judged: random.chance(1, in: 8) ? nil : judged,
                at: world.now,
                standing: world.standing
            )
            judged = []
            let fresh = ServiceIndex(of: world.store, at: world.now, standing: world.standing)
            #expect(index.view?.services == fresh.view?.services, "step \(step)")
            #expect(index.view?.digest == fresh.view?.digest, "step \(step)")
            #expect(index.view?.nodes == fresh.view?.nodes, "step \(step)")
            let plain = ViewOracle(store: world.store, now: world.now)
                .services(standing: world.standing)
            #expect(index.view?.services.map(ViewOracle.Seen.init) == plain, "step \(step)")
        }
    }

    @Test(arguments: Seed.sweep(40))
    func `no address is owned twice, and no service has two primaries of a family`(seed: Seed) {
        // Invariant 20.
        var world = Upheaval(seed)
        for _ in 0..<Self.steps { _ = world.step() }
        let index = ServiceIndex(of: world.store, at: world.now, standing: world.standing)
        let services = index.view?.services ?? []
        let addresses = services.flatMap(\.addresses)
        #expect(Set(addresses).count == addresses.count)
        let ports = services.flatMap { service in
            zip(service.spec.ports, service.nodePorts).compactMap { port, number in
                number.map { [UInt16(port.transport.rawValue), $0] }
            }
        }
        #expect(Set(ports).count == ports.count)
        for service in services {
            let families = service.clusterIPs.map(\.family)
            #expect(Set(families).count == families.count)
        }
    }

    @Test(arguments: Seed.sweep(40))
    func `a digest is equal exactly where the services are`(seed: Seed) {
        var world = Upheaval(seed)
        var seen: [ClusterView] = []
        for _ in 0..<Self.steps {
            _ = world.step()
            let index = ServiceIndex(of: world.store, at: world.now, standing: world.standing)
            guard let view = index.view else { continue }
            for other in seen {
                let isSame = other.services == view.services && other.ranges == view.ranges
                #expect((other.digest == view.digest) == isSame)
            }
            seen.append(view)
        }
    }
}
