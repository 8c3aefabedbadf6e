import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary

/// Members that a node knows from its disk, and of whom nothing comes after its start.
struct UnheardTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws {
        name = try #require(ServiceName(namespace: "default", name: "web"))
    }

    /// So many machines, of which each offers an endpoint of one service.
    private func village(_ count: Int, _ seed: Seed, hosts: [Int]) throws -> World {
        var plan = World.Plan()
        plan.machines = count
        var world = World(seed, plan)
        try #require(
            world.run(atMost: .seconds(10)) { $0.running.count == count && $0.meet() } != nil
        )
        world.declare(name, spec, on: 0)
        for host in hosts {
            let address = try #require(IPAddress("100.64.\(host).7"))
            let set = EndpointSet(
                service: name,
                ports: [EndpointPort(port: 80)],
                endpoints: [Endpoint(address: address)]
            )
            world.command(.offer(set), on: host)
        }
        try #require(
            world.run(atMost: .seconds(5)) { world in
                world.agree()
                    && world.views().allSatisfy {
                        $0?.services.first?.endpoints.count == hosts.count
                    }
            } != nil
        )
        world.run(for: .seconds(2))
        return world
    }

    /// Which endpoints of the service a machine sees, and who of their nodes is doubted.
    private func sight(_ world: World, _ machine: Int) -> (all: Int, doubted: Set<NodeID>) {
        let endpoints = world.machines[machine].publication?.view.services.first?.endpoints ?? []
        var doubted: Set<NodeID> = []
        for endpoint in endpoints where endpoint.isSuspect { doubted.insert(endpoint.node) }
        return (endpoints.count, doubted)
    }

    @Test(arguments: [2, 3, 6], Seed.sweep(2))
    func `who starts with everybody gone avoids them where it can, and takes nothing away`(
        count: Int,
        seed: Seed
    ) throws {
        var world = try village(count, seed, hosts: Array(0..<count))
        for number in 0..<count { world.kill(number) }
        world.restart(0)
        let others = Set((1..<count).map { world.machines[$0].id })
        let time = world.run(atMost: .seconds(30)) { world in
            sight(world, 0) == (count, others)
        }
        #expect(time != nil)
        world.run(for: .seconds(30))
        #expect(sight(world, 0) == (count, others))
        let members = world.machines[0].publication?.members ?? []
        #expect(members.allSatisfy { $0.lastHeard == nil })
        // Once they are there again, nothing is held against them.
        for number in 1..<count { world.restart(number) }
        let back = world.run(atMost: .seconds(20)) { sight($0, 0) == (count, []) && $0.meet() }
        #expect(back != nil)
    }

    @Test(arguments: Seed.sweep(2))
    func `what the others buried meanwhile is gone for who starts among them`(seed: Seed) throws {
        var world = try village(6, seed, hosts: [0, 5])
        world.kill(0)
        world.kill(5)
        world.run(for: .seconds(10))
        world.restart(0)
        let time = world.run(atMost: .seconds(20)) { sight($0, 0) == (1, []) }
        #expect(time != nil)
    }
}
