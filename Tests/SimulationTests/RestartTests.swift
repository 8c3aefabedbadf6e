import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary

/// Nodes come, go and come back.
struct RestartTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])

    init() throws {
        name = try #require(ServiceName(namespace: "default", name: "web"))
    }

    private func village(_ seed: Seed, count: Int) throws -> World {
        var plan = World.Plan()
        plan.machines = count
        plan.link.lossPerMille = 50
        var world = World(seed, plan)
        try #require(
            world.run(atMost: .seconds(6)) { $0.running.count == count && $0.meet() } != nil
        )
        world.declare(name, spec, on: 1)
        let address = try #require(IPAddress("100.64.1.7"))
        let endpoint = Endpoint(address: address)
        world.command(
            .offer(
                EndpointSet(service: name, ports: [EndpointPort(port: 80)], endpoints: [endpoint])
            ),
            on: 1
        )
        try #require(world.run(atMost: .seconds(5)) { hasEndpoint($0) } != nil)
        return world
    }

    private func hasEndpoint(_ world: World) -> Bool {
        world.agree() && world.views().allSatisfy { $0?.services.first?.endpoints.count == 1 }
    }

    @Test(arguments: Sweep.seeds(8))
    func `endpoints of a killed node are gone everywhere within six seconds`(seed: Seed) throws {
        var world = try village(seed, count: 5)
        world.kill(1)
        let time = world.run(atMost: .seconds(6)) {
            $0.agree() && $0.views().allSatisfy { $0?.services.first?.endpoints.isEmpty == true }
        }
        #expect(time != nil)
        // The wish and its address outlive the one who declared it.
        #expect(world.views().allSatisfy { $0?.services.first?.clusterIP != nil })
    }

    @Test(arguments: Sweep.seeds(8))
    func `who begins anew among the dead learns who they are`(seed: Seed) throws {
        var world = try village(seed, count: 6)
        for number in [3, 4, 5] { world.kill(number) }
        try #require(
            world.run(atMost: .seconds(15)) { deaths($0, [0, 1, 2]) == [3, 3, 3] } != nil
        )
        world.kill(2)
        world.run(for: .seconds(1))
        world.restart(2)
        let time = world.run(atMost: .seconds(15)) {
            $0.agree() && deaths($0, [0, 1, 2]) == [3, 3, 3]
        }
        #expect(time != nil)
    }

    private func deaths(_ world: World, _ machines: [Int]) -> [Int] {
        machines.map { number in
            let members = world.machines[number].publication?.members ?? []
            return members.count { $0.state == .dead }
        }
    }

    @Test(arguments: Sweep.seeds(8))
    func `a killed node comes back with its wishes, its address and its endpoints`(
        seed: Seed
    ) throws {
        var world = try village(seed, count: 4)
        let address = world.views().first??.services.first?.clusterIP
        world.kill(1)
        world.run(for: .seconds(8))
        world.restart(1)
        let time = world.run(atMost: .seconds(5)) { $0.meet() && hasEndpoint($0) }
        #expect(time != nil)
        #expect(world.views().first??.services.first?.clusterIP == address)
        #expect(world.machines[1].starts == 2)
    }

    // Invariant 17.
    @Test(arguments: Sweep.seeds(6))
    func `a restart with unchanged wishes blinks no service and no endpoint anywhere`(
        seed: Seed
    ) throws {
        var world = try village(seed, count: 5)
        let before = try #require(world.views().first??[name])
        for other in 2..<6 {
            let more = try #require(ServiceName(namespace: "default", name: "more-\(other)"))
            world.declare(more, spec, on: 1)
        }
        try #require(
            world.run(atMost: .seconds(5)) { $0.agree() && $0.views()[0]?.services.count == 5 }
                != nil
        )
        var blinks: [String] = []
        let name = name
        world.witness = { time, sight in
            // The restarted node itself begins without a view.
            guard case .published(let machine, let publication) = sight, machine != 1 else {
                return
            }
            let seen = publication.view[name]
            if publication.view.services.count != 5 || seen?.clusterIP != before.clusterIP
                || seen?.endpoints.map(\.address) != before.endpoints.map(\.address)
            {
                blinks.append("\(time): machine \(machine)")
            }
        }
        world.restart(1)
        world.run(for: .seconds(90))
        world.witness = nil
        #expect(blinks.isEmpty)
        #expect(world.agree())
    }

    @Test(arguments: Sweep.seeds(8))
    func `a restart of all nodes at once loses nothing`(seed: Seed) throws {
        var world = try village(seed, count: 4)
        let digest = world.views().first??.digest
        for number in 0..<4 { world.restart(number) }
        let time = world.run(atMost: .seconds(8)) {
            $0.meet() && hasEndpoint($0) && $0.views().first??.digest == digest
        }
        #expect(time != nil)
    }

    @Test(arguments: Sweep.seeds(8))
    func `a node that joins late through one seed sees everything within five seconds`(
        seed: Seed
    ) throws {
        var world = try village(seed, count: 5)
        world.run(for: .seconds(20))
        let number = world.add(seeds: [Authority.address(of: 0)])
        let time = world.run(atMost: .seconds(5)) {
            $0.meet() && hasEndpoint($0) && $0.machines[number].publication?.phase == .working
        }
        #expect(time != nil)
    }

    @Test(arguments: Sweep.seeds(8))
    func `a node restored from an old disk takes a new incarnation and forks nothing`(
        seed: Seed
    ) throws {
        var world = try village(seed, count: 3)
        let old = world.snapshotDisk(of: 1)
        let other = try #require(ServiceName(namespace: "default", name: "other"))
        world.restart(1)
        world.run(for: .seconds(5))
        world.declare(other, spec, on: 1)
        world.run(for: .seconds(3))
        #expect(world.views().allSatisfy { $0?.services.count == 2 })
        world.kill(1)
        world.restoreDisk(of: 1, from: old)
        world.restart(1)
        // What the old disk does not know, its node does not wish: all agree on that.
        let time = world.run(atMost: .seconds(8)) {
            $0.meet() && hasEndpoint($0) && $0.views().allSatisfy { $0?.services.count == 1 }
        }
        #expect(time != nil)
    }

    @Test(arguments: Sweep.seeds(4))
    func `who says goodbye is gone at once and suspected by nobody`(seed: Seed) throws {
        var world = try village(seed, count: 4)
        world.command(.leave, on: 1)
        let time = world.run(atMost: .seconds(3)) {
            $0.views(of: [0, 2, 3]).allSatisfy { $0?.services.isEmpty == true }
        }
        #expect(time != nil)
        world.kill(1)
        world.run(for: .seconds(10))
        for number in [0, 2, 3] {
            let members = world.machines[number].publication?.members ?? []
            #expect(members.first { $0.id == world.machines[1].id }?.state == .left)
        }
    }

    @Test
    func `a node whose clock is hours off works, though its digests are not compared`() throws {
        var world = try village(Seed(1), count: 3)
        let number = world.add(seeds: [Authority.address(of: 0)])
        world.setClock(of: number, ahead: .seconds(3600))
        let time = world.run(atMost: .seconds(32)) {
            $0.machines[number].publication?.phase == .working
        }
        #expect(time != nil)
    }

    @Test(arguments: Sweep.seeds(4))
    func `clocks half an hour apart hinder nobody`(seed: Seed) throws {
        var world = try village(seed, count: 4)
        world.setClock(of: 2, ahead: .seconds(1800))
        world.setClock(of: 3, ahead: .seconds(-1800))
        world.restart(2)
        let time = world.run(atMost: .seconds(8)) { $0.meet() && hasEndpoint($0) }
        #expect(time != nil)
    }
}
