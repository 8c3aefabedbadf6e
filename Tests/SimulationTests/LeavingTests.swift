import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary

/// How a node goes for good, make before break.
struct LeavingTests {
    /// Four machines; machine 1 declares a service, and machines 1 and 2 have an endpoint of it.
    private func village(_ seed: Seed) throws -> (world: World, name: ServiceName) {
        var plan = World.Plan()
        plan.machines = 4
        var world = World(seed, plan)
        world.run(for: .seconds(5))
        let name = try #require(ServiceName(namespace: "default", name: "web"))
        let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
        world.declare(name, spec, on: 3)
        for machine in [1, 2] {
            let endpoint = Endpoint(address: world.machines[machine].address.address)
            let set = EndpointSet(
                service: name,
                slice: "web-\(machine)",
                ports: [EndpointPort(port: 8080)],
                endpoints: [endpoint]
            )
            world.command(.offer(set), on: machine)
        }
        world.run(for: .seconds(2))
        return (world, name)
    }

    private func endpoints(_ world: World, _ name: ServiceName, at machine: Int) -> Int {
        world.machines[machine].publication?.view[name]?.endpoints.count ?? 0
    }

    private func state(_ world: World, of machine: Int, at observer: Int) -> MemberState? {
        let members = world.machines[observer].publication?.members ?? []
        let id = world.machines[machine].id
        for member in members where member.id == id { return member.state }
        return nil
    }

    @Test(arguments: Seed.sweep(3))
    func `its endpoints go first, and it stays a member until flows had time to end`(
        seed: Seed
    ) throws {
        var (world, name) = try village(seed)
        #expect(endpoints(world, name, at: 0) == 2)
        world.command(.leave, on: 1)
        world.run(for: .milliseconds(400))
        for observer in [0, 2, 3] {
            #expect(endpoints(world, name, at: observer) == 1)
            #expect(state(world, of: 1, at: observer) == .alive)
        }
        world.run(for: .seconds(2))
        for observer in [0, 2, 3] { #expect(state(world, of: 1, at: observer) == .left) }
    }

    @Test func `the answer comes with the last push, and then it says nothing more`() throws {
        var (world, _) = try village(Seed(1))
        var answers: [Outcome] = []
        world.witness = { _, sight in
            if case .answered(1, let outcome) = sight { answers.append(outcome) }
        }
        world.command(.leave, on: 1)
        world.run(for: .milliseconds(1900))
        #expect(answers.isEmpty)
        world.run(for: .seconds(1))
        #expect(answers == [.left])
        #expect(world.machines[1].publication?.phase == .left)
        let before = world.machines[1].traffic.packetsSent
        world.run(for: .seconds(20))
        #expect(world.machines[1].traffic.packetsSent == before)
        for observer in [0, 2, 3] { #expect(state(world, of: 1, at: observer) == .left) }
    }

    @Test func `who offers nothing waits for nothing`() throws {
        var (world, _) = try village(Seed(2))
        world.command(.leave, on: 0)
        world.run(for: .milliseconds(500))
        #expect(world.machines[0].publication?.phase == .left)
    }

    @Test func `who is leaving takes no more orders`() throws {
        var (world, name) = try village(Seed(3))
        world.command(.leave, on: 1)
        #expect(world.command(.withdraw(name), on: 1) == .refused(.leaving))
        world.run(for: .seconds(3))
        #expect(world.command(.withdraw(name), on: 1) == .refused(.leaving))
        #expect(world.command(.leave, on: 1) == .left)
    }

    @Test func `an accusation on its way does not call it back`() throws {
        var (world, _) = try village(Seed(4))
        for other in [0, 2, 3] { world.cut(from: 1, to: other) }
        world.command(.leave, on: 1)
        // It refutes what the others say of it meanwhile, and leaves all the same.
        world.run(for: .milliseconds(2150))
        for other in [0, 2, 3] { world.heal(from: 1, to: other) }
        world.run(for: .seconds(4))
        #expect(world.machines[1].publication?.phase == .left)
        for observer in [0, 2, 3] {
            #expect([.left, .dead].contains(state(world, of: 1, at: observer)))
        }
    }

    @Test func `started again it is back with what it offered`() throws {
        var (world, name) = try village(Seed(5))
        world.command(.leave, on: 1)
        world.run(for: .seconds(4))
        world.restart(1)
        world.run(for: .seconds(5))
        #expect(endpoints(world, name, at: 0) == 2)
        #expect(state(world, of: 1, at: 0) == .alive)
    }
}
