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

    @Test(arguments: Seed.sweep(3))
    func `between two machines the one that hears names the lost direction`(seed: Seed) {
        var world = village(2, seed)
        let (zero, one) = (world.machines[0].id, world.machines[1].id)
        world.cut(from: 0, to: 1)
        let time = world.run(atMost: .seconds(45)) { world in
            troubles(world, at: 0) == [.deaf(one)] && troubles(world, at: 1) == [.nobodySince(zero)]
        }
        #expect(time != nil, "\(troubles(world, at: 0)) \(troubles(world, at: 1))")
        world.run(for: .seconds(120))
        #expect(troubles(world, at: 0) == [.deaf(one)])
        world.heal(from: 0, to: 1)
        let end = world.run(atMost: .seconds(15)) { world in
            troubles(world, at: 0).isEmpty && troubles(world, at: 1).isEmpty && world.meet()
        }
        #expect(end != nil)
    }

    @Test func `whoever is silenced for all others says so though none of them answers`() {
        var world = village(4)
        for other in 1..<4 { world.cut(from: 0, to: other) }
        let others = (1..<4).map { Trouble.deaf(world.machines[$0].id) }.sorted()
        let time = world.run(atMost: .seconds(60)) { troubles($0, at: 0) == others }
        #expect(time != nil, "\(troubles(world, at: 0))")
        for other in 1..<4 { #expect(troubles(world, at: other).isEmpty) }
    }

    @Test func `who calls from behind a wall that lets nothing in is told apart from the dead`() {
        var plan = World.Plan()
        plan.machines = 2
        plan.seeds = 1
        var world = World(Seed(1), plan)
        world.cut(from: 0, to: 1)
        let time = world.run(atMost: .seconds(40)) { world in
            troubles(world, at: 0) == [.deaf(world.machines[1].id)]
        }
        #expect(time != nil, "\(troubles(world, at: 0))")
        world.run(for: .seconds(12))
        #expect(troubles(world, at: 1).contains(.nobody))
        world.heal(from: 0, to: 1)
        let end = world.run(atMost: .seconds(15)) { world in
            troubles(world, at: 0).isEmpty && troubles(world, at: 1).isEmpty && world.meet()
        }
        #expect(end != nil)
    }

    @Test func `a process that was stopped for a while does not say that it is alone`() {
        var world = village(4)
        var told: [Trouble] = []
        world.witness = { _, sight in
            if case .reported(3, .troubleBegan(let trouble)) = sight { told.append(trouble) }
        }
        world.pause(3)
        world.run(for: .seconds(40))
        world.resume(3)
        world.run(for: .seconds(10))
        #expect(told == [])
        #expect(world.meet())
    }

    @Test(arguments: [2, 10]) func `loss everywhere is no such trouble`(machines: Int) {
        var plan = World.Plan()
        plan.machines = machines
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

    @Test func `a hole for full-size packets is known seconds after a start`() {
        var plan = World.Plan()
        plan.machines = 3
        var world = World(Seed(1), plan)
        world.run(for: .seconds(2))
        // They met already: else nothing but silence could be seen.
        world.setFilter(PacketFilter(size: 1300), from: 0, to: 1)
        let time = world.run(atMost: .seconds(30)) { world in
            troubles(world, at: 0).contains(.largeLost(world.machines[1].id))
        }
        #expect(time != nil)
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
