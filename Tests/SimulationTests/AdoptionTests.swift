import Gossip
import Registry
import Simulation
import Testing
import Vocabulary

/// A service outlives the machine it was declared on, and a delete outlives every copy (registry
/// design, section 4).
struct AdoptionTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    /// Five machines; the first declares a service, the second and the third host it.
    private func village(
        _ seed: Seed,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) throws -> World {
        var plan = World.Plan()
        plan.machines = 4
        plan.link.lossPerMille = 20
        var world = World(seed, plan)
        let last = world.add(seeds: [Authority.address(of: 0)], change: change)
        #expect(last == 4)
        try #require(world.run(atMost: .seconds(8)) { $0.running.count == 5 && $0.meet() } != nil)
        world.declare(name, spec, on: 0)
        try #require(world.run(atMost: .seconds(3)) { sees($0, 1) } != nil)
        for host in [1, 2] {
            let endpoint = Endpoint(address: .v4(0x6440_0000 + UInt32(host) << 8 + 7))
            let ports = [EndpointPort(port: 80)]
            world.command(
                .offer(EndpointSet(service: name, ports: ports, endpoints: [endpoint])),
                on: host
            )
        }
        try #require(world.run(atMost: .seconds(30)) { copies($0) == 2 } != nil, "no two copies")
        return world
    }

    private func sees(_ world: World, _ count: Int) -> Bool {
        world.agree() && world.views().allSatisfy { $0?.services.count == count }
    }

    /// How many copies the last machine holds of others' wishes.
    private func copies(_ world: World) -> Int {
        (world.machines[4].node?.registry.snapshot ?? []).count { record in
            if case .declaration(let declaration) = record.body {
                declaration.adoptedFrom != nil
            } else {
                false
            }
        }
    }

    private func address(_ world: World, _ machine: Int) -> IPAddress? {
        world.machines[machine].publication?.view.services.first?.clusterIP
    }

    @Test(arguments: Sweep.seeds(3))
    func `a service keeps its address when its author is forgotten`(seed: Seed) throws {
        var world = try village(seed)
        let before = try #require(address(world, 3))
        world.kill(0)
        world.run(for: .seconds(20))
        for hour in 1...75 {
            for machine in world.running where machine != 0 {
                world.setClock(of: machine, ahead: .seconds(3600 * hour))
            }
            world.run(for: .seconds(15))
        }
        // Ten minutes in touch after the last hour, and the author's lease is over.
        world.run(for: .seconds(700))
        let view = try #require(world.machines[3].publication?.view[name])
        let (author, hosts) = (world.machines[0].id, [1, 2].map { world.machines[$0].id }.sorted())
        #expect(!view.declaredBy.contains(author))
        #expect(view.declaredBy == hosts)
        #expect(view.clusterIP == before)
    }

    // Invariant 19.
    @Test(arguments: Sweep.seeds(3))
    func `copies count for nothing while their author lives, and go when it deletes`(
        seed: Seed
    ) throws {
        var world = try village(seed)
        let author = world.machines[0].id
        #expect(world.machines[3].publication?.view[name]?.declaredBy == [author])
        world.command(.withdraw(name), on: 0)
        #expect(world.run(atMost: .seconds(3)) { sees($0, 0) } != nil)
        #expect(world.run(atMost: .seconds(60)) { copies($0) == 0 } != nil)
        #expect(sees(world, 0))
    }

    @Test(arguments: Sweep.seeds(3))
    func `a copy follows a change of what it repeats`(seed: Seed) throws {
        var world = try village(seed)
        let other = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 81)])
        world.declare(name, other, on: 0)
        let isFollowed = world.run(atMost: .seconds(10)) { world in
            (world.machines[4].node?.registry.snapshot ?? []).allSatisfy { record in
                guard case .declaration(let declaration) = record.body else { return true }
                return declaration.spec == other
            }
        }
        #expect(isFollowed != nil)
    }

    @Test(arguments: Sweep.seeds(3))
    func `an administrator deletes on any machine what others declared, for good`(
        seed: Seed
    ) throws {
        var world = try village(seed) { $0.isAdmin = true }
        #expect(world.command(.withdraw(name), on: 4) == .withdrawn(stillDeclaredBy: []))
        #expect(world.run(atMost: .seconds(3)) { sees($0, 0) } != nil)
        #expect(world.run(atMost: .seconds(60)) { copies($0) == 0 } != nil)
        // Its author gave the wish up, too: a new start does not bring it back.
        world.kill(0)
        world.restart(0)
        world.run(for: .seconds(10))
        #expect(sees(world, 0))
        // Who wants it again declares it again.
        world.declare(name, spec, on: 0)
        #expect(world.run(atMost: .seconds(3)) { sees($0, 1) } != nil)
    }

    @Test(arguments: Sweep.seeds(2))
    func `who was away while a service was deleted for everybody does not bring it back`(
        seed: Seed
    ) throws {
        var world = try village(seed) { $0.isAdmin = true }
        world.partition([[0], [1, 2, 3, 4]])
        world.run(for: .seconds(10))
        world.command(.withdraw(name), on: 4)
        world.run(for: .seconds(20))
        world.heal()
        #expect(world.run(atMost: .seconds(15)) { sees($0, 0) } != nil)
        world.run(for: .seconds(5))
        #expect(sees(world, 0))
    }

    @Test func `without the right, others' services are left to them`() throws {
        var world = try village(Seed(1))
        let authors = [world.machines[0].id]
        #expect(
            world.command(.withdraw(name), on: 4)
                == .refused(.notOurs(name, declaredBy: authors))
        )
    }
}
