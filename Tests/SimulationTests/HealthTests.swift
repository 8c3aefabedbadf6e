import Gossip
import Membership
import Simulation
import Testing
import Vocabulary

/// Targets T5, T6 and T15 in small: who is well is never declared dead, and who is not is known
/// soon.
struct HealthTests {
    /// What nodes said of others, as it happened.
    private final class Log {
        var changes: [(observer: Int, subject: NodeID, to: MemberState)] = []
    }

    private func village(_ count: Int, _ seed: Seed, loss: Int = 0) -> (World, Log) {
        var plan = World.Plan()
        plan.machines = count
        plan.link.lossPerMille = loss
        var world = World(seed, plan)
        world.run(for: .seconds(8))
        let log = Log()
        world.witness = { _, sight in
            guard case .reported(let observer, .memberChanged(let subject, _, _, let to)) = sight
            else { return }
            log.changes.append((observer, subject, to))
        }
        return (world, log)
    }

    @Test(arguments: Seed.sweep(3))
    func `a crash is suspect everywhere in two seconds and dead in four`(seed: Seed) {
        var (world, log) = village(40, seed)
        let victim = world.machines[7].id
        world.kill(7)
        world.run(for: .seconds(2))
        var suspecting = 0
        for change in log.changes where change.subject == victim && change.to == .suspect {
            suspecting += 1
        }
        #expect(suspecting == 39)
        world.run(for: .seconds(2))
        var burying = 0
        for change in log.changes where change.subject == victim && change.to == .dead {
            burying += 1
        }
        #expect(burying == 39)
    }

    @Test(arguments: Seed.sweep(2))
    func `pauses, loss and one bad link bury nobody who is well`(seed: Seed) {
        var (world, log) = village(25, seed, loss: 50)
        for other in 0..<25 where other != 3 {
            world.setModel(LinkModel(lossPerMille: 800), from: 3, to: other)
            world.setModel(LinkModel(lossPerMille: 800), from: other, to: 3)
        }
        var random = RandomStream(seed, "pauses")
        var sick: Set<NodeID> = [world.machines[3].id]
        var asleep: Set<Int> = [3]
        for _ in 0..<3 {
            let machine = 4 + random.below(20)
            sick.insert(world.machines[machine].id)
            asleep.insert(machine)
            world.pause(machine)
            world.run(for: .seconds(5) + random.duration(below: .seconds(10)))
            world.resume(machine)
            world.run(for: .seconds(5))
        }
        for change in log.changes where change.to == .dead {
            #expect(sick.contains(change.subject) || asleep.contains(change.observer))
        }
    }

    @Test(arguments: Seed.sweep(3))
    func `a fifth of all that restart make nobody suspect one who did not`(seed: Seed) {
        var (world, log) = village(30, seed)
        var random = RandomStream(seed, "restarts")
        let restarting = random.sample(6, of: Array(0..<30))
        for machine in restarting {
            world.kill(machine)
            world.run(for: random.duration(below: .milliseconds(1500)))
            world.restart(machine)
        }
        world.run(for: .seconds(10))
        let ids = Set(restarting.map { world.machines[$0].id })
        for change in log.changes where change.to > .alive { #expect(ids.contains(change.subject)) }
        #expect(world.meet())
    }

    @Test func `a machine that comes and goes changes each view once a flip`() {
        var (world, log) = village(12, Seed(1))
        let id = world.machines[5].id
        for flip in 0..<4 {
            log.changes = []
            for other in 0..<12 where other != 5 {
                if flip % 2 == 0 {
                    world.cut(from: 5, to: other)
                    world.cut(from: other, to: 5)
                } else {
                    world.heal(from: 5, to: other)
                    world.heal(from: other, to: 5)
                }
            }
            world.run(for: .seconds(20))
            let expected: [MemberState] = flip % 2 == 0 ? [.suspect, .dead] : [.alive]
            for observer in 0..<12 where observer != 5 {
                var seen: [MemberState] = []
                for change in log.changes
                where change.observer == observer && change.subject == id {
                    seen.append(change.to)
                }
                #expect(seen == expected)
            }
        }
    }
}
