import Gossip
import Membership
import Simulation
import Testing
import Vocabulary

/// One identity on two machines (chaos N15).
struct TwinTests {
    private func village(_ count: Int, _ seed: Seed, for duration: Duration) throws -> World {
        var plan = World.Plan()
        plan.machines = count
        var world = World(seed, plan)
        try #require(
            world.run(atMost: .seconds(20)) { $0.running.count == count && $0.meet() } != nil
        )
        world.run(for: duration)
        return world
    }

    private func phase(_ world: World, _ machine: Int) -> Publication.Phase? {
        world.machines[machine].publication?.phase
    }

    @Test(arguments: [3, 5, 25], Seed.sweep(3))
    func
        `the copy falls silent within ten seconds, and everybody says who is at which two addresses`(
            count: Int,
            seed: Seed
        ) throws
    {
        var world = try village(count, seed, for: .seconds(70))
        let twin = world.addTwin(of: 0, from: world.snapshotDisk(of: 0))
        let places = [world.machines[0].address, world.machines[twin].address]
        let id = world.machines[0].id
        // Of three, the one that is pushed aside soon counts both others as dead, and seldom calls them.
        let time = world.run(atMost: .seconds(count == 3 ? 20 : 10)) { world in
            guard phase(world, twin) == .stopped else { return false }
            return (1..<count).allSatisfy { number in
                let told = world.machines[number].publication?.troubles.map(\.trouble) ?? []
                return told.contains(.twoMachines(id, places[0], places[1]))
            }
        }
        #expect(time != nil)
        #expect(world.count(of: .identityDuplicate) == 1)
        let own = world.machines[0].publication?.troubles.map(\.trouble) ?? []
        #expect(own.contains(.twin(places[1])))
        // It is no storm: two starts of either.
        #expect(world.count(of: .incarnationSurpassed) <= 4)
        let calm = world.run(atMost: .seconds(20)) { $0.meet(Array(0..<count)) }
        #expect(calm != nil)
        #expect(phase(world, 0) == .working)
        world.run(for: .seconds(30))
        #expect(world.count(of: .identityDuplicate) == 1)
        #expect(world.violations == [])
    }

    @Test(arguments: Seed.sweep(3))
    func `machines that restart and one that moves are no twins`(seed: Seed) throws {
        var world = try village(5, seed, for: .seconds(10))
        for number in [1, 2, 1, 2, 1] {
            world.restart(number)
            world.run(for: .seconds(3))
        }
        world.move(3, to: Authority.address(of: 40))
        world.restart(3)
        world.run(for: .seconds(10))
        #expect(world.count(of: .troubleTwin) == 0)
        #expect(world.count(of: .identityDuplicate) == 0)
    }

    @Test(arguments: Seed.sweep(3))
    func `a machine that goes to another address and comes back is no twin`(seed: Seed) throws {
        var world = try village(5, seed, for: .seconds(10))
        let home = world.machines[3].address
        for address in [Authority.address(of: 40), home, Authority.address(of: 40), home] {
            world.move(3, to: address)
            world.run(for: .seconds(8))
        }
        #expect(world.count(of: .troubleTwin) == 0)
        #expect(world.count(of: .identityDuplicate) == 0)
    }
}
