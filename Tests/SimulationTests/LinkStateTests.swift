import Registry
import Testing
import Vocabulary

@testable import Simulation

/// Cuts, jams and clogs, as the nodes feel them.
struct LinkStateTests {
    private static func world(_ machines: Int = 3) -> World {
        var plan = World.Plan()
        plan.machines = machines
        var world = World(Seed(7), plan)
        world.run(for: .seconds(3))
        return world
    }

    @Test
    func `what a jam holds comes when the link is up again`() {
        var world = Self.world()
        world.setState(.jammed, from: 0, to: 1)
        world.run(for: .seconds(1))
        let held = world.counts(from: 0, to: 1).held
        #expect(held > 0)
        let before = world.machines[1].traffic.packetsReceived
        world.cut(from: 2, to: 1)
        world.heal(from: 0, to: 1)
        world.run(for: .milliseconds(3))
        #expect(world.machines[1].traffic.packetsReceived >= before + held)
        #expect(world.fabric.jams.isEmpty)
    }

    @Test
    func `a jam is bounded`() {
        var world = Self.world(2)
        world.setState(.jammed, from: 0, to: 1)
        let bytes = [UInt8](repeating: 0, count: 1000)
        for _ in 0..<2000 {
            _ = world.fabric.carry(
                bytes,
                over: Link(from: 0, to: 1),
                from: Authority.address(of: 0),
                at: world.now
            )
        }
        #expect(world.counts(from: 0, to: 1).held == 1048)
        #expect(world.counts(from: 0, to: 1).overflow == 2000 - 1048)
    }

    @Test
    func `a clogged link delivers late and loses nothing`() throws {
        var world = Self.world(2)
        let end = world.now + .seconds(2)
        world.setState(.clogged(until: end), from: 0, to: 1)
        world.run(for: .milliseconds(1990))
        let before = world.machines[1].traffic.packetsReceived
        #expect(world.counts(from: 0, to: 1).delayed > 0)
        world.run(for: .milliseconds(20))
        let late = world.counts(from: 0, to: 1).delayed
        #expect(world.machines[1].traffic.packetsReceived >= before + late)
    }

    @Test
    func `a cut leaves evidence on the links it cuts and nowhere else`() {
        var world = Self.world()
        world.partition([[0], [1]])
        world.run(for: .seconds(3))
        #expect(world.counts(from: 0, to: 1).dropped > 0)
        #expect(world.counts(to: 0).dropped == world.counts(from: 1, to: 0).dropped)
        #expect(world.counts(from: 2) == LinkCounts())
        #expect(
            world.counts().dropped == world.counts(from: 0).dropped + world.counts(to: 0).dropped
        )
    }

    @Test
    func `a fault that comes later changes nothing before it`() {
        func traces(_ fault: (inout World) -> Void) -> [UInt64] {
            var world = Self.world(5)
            let early = world.trace.hash
            fault(&world)
            world.run(for: .seconds(5))
            return [early, world.trace.hash]
        }
        let calm = traces { _ in }
        let cut = traces { $0.cut(from: 0, to: 1) }
        #expect(calm[0] == cut[0])
        #expect(calm[1] != cut[1])
    }

    @Test
    func `a machine less leaves the others' draws as they were`() {
        func delays(_ machines: Int) -> [Duration] {
            var plan = World.Plan()
            plan.machines = machines
            var fabric = World(Seed(3), plan).fabric
            return (0..<100).flatMap { number in
                let now = Instant.zero + .milliseconds(number)
                for other in 2..<machines {
                    let link = Link(from: other, to: 1)
                    _ = fabric.carry([1], over: link, from: Authority.address(of: other), at: now)
                }
                let link = Link(from: 0, to: 1)
                return fabric.carry([1], over: link, from: Authority.address(of: 0), at: now)
                    .map(\.delay)
            }
        }
        #expect(delays(3) == delays(9))
    }
}
