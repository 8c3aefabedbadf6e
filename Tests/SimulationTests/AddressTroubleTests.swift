import Gossip
import Membership
import Registry
import Testing
import Vocabulary

@testable import Simulation

/// Machines move, take the address of a dead one, and hide behind a NAT.
struct AddressTroubleTests {
    private static func world() -> World {
        var plan = World.Plan()
        plan.machines = 5
        var world = World(Seed(9), plan)
        world.run(for: .seconds(5))
        return world
    }

    @Test
    func `a machine that moves is found at its new address`() {
        var world = Self.world()
        world.move(4, to: Authority.address(of: 50))
        #expect(world.run(atMost: .seconds(15)) { $0.meet() && $0.agree() } != nil)
        let id = world.machines[4].id
        let node = world.machines[0].publication?.nodes.first { $0.id == id }
        #expect(node?.address == Authority.address(of: 50))
    }

    @Test
    func `who takes the address of a dead machine is not taken for it`() {
        var world = Self.world()
        world.kill(4)
        world.run(for: .seconds(10))
        world.move(3, to: world.machines[4].address)
        world.run(for: .seconds(15))
        let dead = world.machines[4].id
        for number in 0..<4 {
            let member = world.machines[number].publication?.members.first { $0.id == dead }
            #expect(member?.state == .dead)
        }
        #expect(world.meet() && world.agree())
    }

    @Test
    func `a machine behind a NAT is a member as any other`() {
        var world = Self.world()
        world.disguise(4, as: Authority.address(of: 60))
        world.run(for: .seconds(20))
        #expect(world.meet() && world.agree())
        world.disguise(4, as: nil)
        world.run(for: .seconds(5))
        #expect(world.meet())
        #expect(world.places[Authority.address(of: 60)] == nil)
    }

    @Test
    func `a slow disk delays a start in another incarnation and nothing else`() {
        var world = Self.world()
        let old = world.snapshotDisk(of: 4)
        world.run(for: .seconds(2))
        world.setSyncTime(of: 4, .seconds(2))
        world.restart(4)
        world.run(for: .seconds(5))
        world.kill(4)
        world.restoreDisk(of: 4, from: old)
        world.restart(4)
        #expect(world.run(atMost: .seconds(20)) { $0.meet() && $0.agree() } != nil)
    }
}
