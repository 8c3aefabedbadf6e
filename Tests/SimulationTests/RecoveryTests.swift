import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary

/// What `make laws` found once: nodes that did not find each other again, or did not stop talking.
struct RecoveryTests {
    @Test(arguments: Seed.sweep(8))
    func `who was pushed aside by a twin is let in again when the twin is gone`(seed: Seed) throws {
        var plan = World.Plan()
        plan.machines = 4
        var world = World(seed, plan)
        try #require(world.run(atMost: .seconds(8)) { $0.running.count == 4 && $0.meet() } != nil)
        // The twin is believed by all before the first machine hears of it.
        world.partition([[0], [1, 2, 3]])
        let twin = world.addTwin(of: 0, from: world.snapshotDisk(of: 0))
        world.partition([[0], [twin]])
        world.run(for: .seconds(2))
        world.kill(twin)
        world.heal()
        let time = world.run(atMost: .seconds(60)) { $0.meet() && $0.agree() }
        #expect(time != nil)
    }

    @Test(arguments: Seed.sweep(4))
    func `those who know that one died do not go on telling each other`(seed: Seed) throws {
        var plan = World.Plan()
        plan.machines = 5
        var world = World(seed, plan)
        try #require(world.run(atMost: .seconds(8)) { $0.running.count == 5 && $0.meet() } != nil)
        world.kill(0)
        world.run(for: .seconds(1))
        world.restart(3)
        world.run(for: .seconds(30))
        let before = world.machines.map(\.traffic.packetsSent)
        world.run(for: .seconds(20))
        let sent = zip(world.machines, before).map { $0.traffic.packetsSent - $1 }
        #expect(sent.allSatisfy { $0 < 200 }, "\(sent) packets in 20 s")
    }

    @Test(arguments: Seed.sweep(8))
    func `a word that was given while an incarnation was not yet on disk can be refuted`(
        seed: Seed
    ) throws {
        var plan = World.Plan()
        plan.machines = 3
        plan.syncTime = .seconds(2)
        var world = World(seed, plan)
        try #require(world.run(atMost: .seconds(8)) { $0.running.count == 3 && $0.meet() } != nil)
        world.cut(from: 1, to: 0)
        // A jump of the clock begins a new incarnation, which takes seconds to be durable.
        world.setClock(of: 1, ahead: .seconds(400))
        world.run(for: .seconds(4))
        world.heal()
        let time = world.run(atMost: .seconds(20)) { $0.meet() }
        #expect(time != nil)
    }
}
