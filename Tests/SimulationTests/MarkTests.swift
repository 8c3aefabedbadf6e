import Gossip
import Registry
import Testing
import Vocabulary

@testable import Simulation

/// Rare states are noticed when they are reached, and only then.
struct MarkTests {
    @Test
    func `a calm world reaches no rare state`() {
        var world = World(Seed(1))
        world.run(for: .seconds(10))
        let usual: Set<Mark> = [
            .memberJoined, .nodeWorking, .reconcileControl, .reconcileData,
            .datagramUnknownSender, .datagramUnsealed, .recordWaiting, .recordOlder,
        ]
        #expect(world.marks.keys.filter { !usual.contains($0) } == [])
        #expect(world.count(of: .nodeWorking) == 3)
    }

    @Test
    func `a pause is suspected, fulfilled, refuted and over`() {
        var plan = World.Plan()
        plan.machines = 5
        var world = World(Seed(2), plan)
        world.run(for: .seconds(5))
        world.pause(4)
        world.run(for: .seconds(10))
        world.resume(4)
        world.run(for: .seconds(10))
        for mark in [
            Mark.suspicionRaised, .suspicionFulfilled, .memberReturned, .refuteSelf, .nodeResumed,
        ] {
            #expect(world.count(of: mark) > 0, "\(mark.rawValue)")
        }
    }

    @Test
    func `two halves that give one address twice have a loser, and then none`() throws {
        var plan = World.Plan()
        plan.machines = 4
        plan.serviceCIDR = try #require(CIDR("10.96.0.0/27"))
        var world = World(Seed(3), plan)
        world.run(for: .seconds(3))
        world.partition([[0, 1], [2, 3]])
        for number in 0..<12 {
            let name = try #require(ServiceName(namespace: "default", name: "s\(number)"))
            let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
            world.declare(name, spec, on: number % 2 * 2)
        }
        world.run(for: .seconds(8))
        world.heal()
        world.run(for: .seconds(20))
        #expect(world.agree())
        #expect(world.count(of: .clusterIPConflictLoser) > 0)
        #expect(world.count(of: .clusterIPConflictResolved) > 0)
        #expect(world.count(of: .linkDropped) > 0)
        #expect(world.count(of: .nodeStopped) == 0)
    }

    @Test
    func `the others hear at once that nobody listens at a port`() {
        func time(isUp: Bool) -> (Duration?, Int) {
            var plan = World.Plan()
            plan.machines = 5
            var world = World(Seed(4), plan)
            world.run(for: .seconds(5))
            world.kill(4, whileMachineIsUp: isUp)
            let time = world.run(atMost: .seconds(20)) { $0.count(of: .suspicionRaised) >= 4 }
            return (time, world.count(of: .portRefused))
        }
        let silent = time(isUp: false)
        let refusing = time(isUp: true)
        #expect(silent.1 == 0)
        #expect(refusing.1 > 0)
        #expect(silent.0 != nil && refusing.0 != nil)
    }

    @Test
    func `no two marks are called the same, and their names are words and dots`() {
        let names = Mark.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        #expect(names.count >= 40)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(?:[.-][a-z]+)+/) != nil })
    }
}
