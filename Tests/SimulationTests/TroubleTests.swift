import Gossip
import Membership
import Simulation
import Testing
import Vocabulary

/// What nodes say of ways between them that are broken in one direction or for some sizes only.
struct TroubleTests {
    private func village(_ count: Int, _ seed: Seed = Seed(1)) -> World {
        var plan = World.Plan()
        plan.machines = count
        var world = World(seed, plan)
        world.run(for: .seconds(10))
        return world
    }

    private func troubles(_ world: World, at machine: Int) -> [Trouble] {
        (world.machines[machine].publication?.troubles ?? []).map(\.trouble)
    }

    private func isSuspected(_ world: World, _ machine: Int) -> Bool {
        let id = world.machines[machine].id
        for other in world.running where other != machine {
            for member in world.machines[other].publication?.members ?? []
            where member.id == id && member.state != .alive { return true }
        }
        return false
    }

    @Test(arguments: Seed.sweep(3))
    func `one lost direction is named by both ends, and nobody is suspected`(seed: Seed) {
        var world = village(5, seed)
        world.cut(from: 1, to: 3)
        let time = world.run(atMost: .seconds(40)) { world in
            troubles(world, at: 1).contains(.deaf(world.machines[3].id))
                && troubles(world, at: 3).contains(.mute(world.machines[1].id))
        }
        #expect(time != nil)
        #expect(!isSuspected(world, 1))
        #expect(!isSuspected(world, 3))
        world.heal(from: 1, to: 3)
        let end = world.run(atMost: .seconds(25)) { world in
            troubles(world, at: 1).isEmpty && troubles(world, at: 3).isEmpty
        }
        #expect(end != nil)
    }

    @Test func `loss everywhere is no such trouble`() {
        var plan = World.Plan()
        plan.machines = 10
        plan.link.lossPerMille = 50
        var world = World(Seed(2), plan)
        var told = 0
        world.witness = { _, sight in
            if case .reported(_, .troubleBegan(let trouble)) = sight, trouble.member != nil {
                told += 1
            }
        }
        world.run(for: .seconds(60))
        #expect(told == 0)
    }

    @Test func `full-size packets that are lost are told of, though small ones pass`() {
        var world = village(3)
        world.setFilter(PacketFilter(size: 1300), from: 0, to: 1)
        let time = world.run(atMost: .seconds(260)) { world in
            troubles(world, at: 0).contains(.largeLost(world.machines[1].id))
        }
        #expect(time != nil)
        #expect(!troubles(world, at: 0).contains(.largeLost(world.machines[2].id)))
        world.setFilter(nil, from: 0, to: 1)
        let end = world.run(atMost: .seconds(130)) { world in troubles(world, at: 0).isEmpty }
        #expect(end != nil)
    }

    @Test func `a node that starts learns at once who died while it was away`() {
        var world = village(20)
        for ghost in 14..<20 { world.kill(ghost) }
        world.run(for: .seconds(40))
        var lies = 0
        let ghosts = (14..<20).map { world.machines[$0].id }
        world.witness = { _, sight in
            if case .reported(5, .memberChanged(let id, _, _, .alive)) = sight,
                ghosts.contains(id)
            {
                lies += 1
            }
        }
        world.restart(5)
        let time = world.run(atMost: .seconds(3)) { world in
            let members = world.machines[5].publication?.members ?? []
            var dead = 0
            for member in members where ghosts.contains(member.id) && member.state == .dead {
                dead += 1
            }
            return dead == ghosts.count
        }
        #expect(time != nil)
        #expect(lies == 0)
    }
}
