import Gossip
import Membership
import Registry
import Testing
import Vocabulary

@testable import Simulation

/// Machines that pause, are slow, have no room or lose power.
struct MachineTroubleTests {
    private static func world(
        _ machines: Int = 4,
        change: (inout World.Plan) -> Void = { _ in }
    ) -> World {
        var plan = World.Plan()
        plan.machines = machines
        change(&plan)
        var world = World(Seed(5), plan)
        world.run(for: .seconds(5))
        return world
    }

    private static func state(of subject: Int, seenBy observer: Int, _ world: World) -> MemberState?
    {
        let id = world.machines[subject].id
        return world.machines[observer].publication?.members.first { $0.id == id }?.state
    }

    private static func spec() -> ServiceSpec {
        ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
    }

    private static func name(_ text: String) throws -> ServiceName {
        try #require(ServiceName(namespace: "default", name: text))
    }

    // MARK: Pausing

    @Test(arguments: [false, true])
    func `a paused node does nothing, is buried, and comes back`(stopsClock: Bool) {
        var world = Self.world()
        world.pause(3, stopsClock: stopsClock)
        let before = world.machines[3].traffic
        world.run(for: .seconds(10))
        #expect(world.machines[3].traffic == before)
        #expect(Self.state(of: 3, seenBy: 0, world) == .dead)
        #expect(world.command(.leave, on: 3) == nil)
        world.resume(3)
        let time = world.run(atMost: .seconds(10)) { $0.meet() && $0.agree() }
        #expect(time != nil)
        #expect(world.machines[3].traffic.packetsReceived > before.packetsReceived)
    }

    @Test
    func `a paused process keeps what its receive buffer holds and no more`() {
        var world = Self.world { $0.receiveBuffer = 10_000 }
        world.pause(3)
        let bytes = [UInt8](repeating: 0, count: 744)
        for _ in 0..<50 { world.replay(bytes, to: 3, from: Authority.address(of: 9)) }
        world.run(for: .milliseconds(1))
        let received = world.machines[3].traffic.packetsReceived
        #expect(world.machines[3].traffic.packetsOverflowed >= 40)
        world.resume(3)
        world.run(for: .milliseconds(1))
        let taken = world.machines[3].traffic.packetsReceived - received
        #expect((9...15).contains(taken))
    }

    @Test
    func `a machine whose clocks stopped does not know that time passed`() {
        var world = Self.world()
        world.pause(3, stopsClock: true)
        let before = world.machineTime(of: 3)
        world.run(for: .seconds(60))
        #expect(world.machineTime(of: 3) == before)
        world.resume(3)
        world.run(for: .seconds(1))
        #expect(world.machineTime(of: 3) == before + .seconds(1))
    }

    @Test
    func `a paused machine that is killed starts as any other`() {
        var world = Self.world()
        world.pause(3)
        world.run(for: .seconds(1))
        world.restart(3)
        #expect(world.machines[3].isPaused == false)
        #expect(world.run(atMost: .seconds(10)) { $0.meet() } != nil)
    }

    // MARK: Slowness

    @Test
    func `a slow machine answers later and still lives`() {
        var world = Self.world()
        world.slow(3, factor: 50)
        world.run(for: .seconds(20))
        #expect(Self.state(of: 3, seenBy: 0, world) == .alive)
        world.slow(3, factor: 1)
        world.run(for: .seconds(1))
        #expect(world.machines[3].line.isEmpty)
    }

    @Test
    func `a machine that is too slow loses what its buffer cannot hold`() {
        var world = Self.world(4) { $0.receiveBuffer = 2000 }
        world.slow(3, factor: 20_000)
        world.run(for: .seconds(20))
        #expect(world.machines[3].traffic.packetsOverflowed > 0)
    }

    // MARK: Clocks

    @Test(arguments: [-900, 900])
    func `machines whose clocks run apart still agree`(ppm: Int) {
        var world = Self.world()
        world.setMonotonic(of: 1, ppm: ppm)
        world.setWall(of: 2, .strobing(by: .seconds(20), period: .seconds(3)))
        world.run(for: .seconds(30))
        #expect(world.meet() && world.agree())
        #expect(world.machineTime(of: 1) != world.now)
        #expect(world.violations == [])
    }

    // MARK: Disks

    @Test
    func `a wish that a full disk refuses was never made`() throws {
        var world = Self.world()
        let records = world.machines[0].publication?.records
        let name = try Self.name("web")
        world.setDiskFull(0, true)
        #expect(world.declare(name, Self.spec(), on: 0) == nil)
        #expect(world.diskRefusals(of: 0) == 1)
        world.run(for: .seconds(3))
        #expect(world.machines[0].publication?.records == records)
        world.setDiskFull(0, false)
        #expect(world.declare(name, Self.spec(), on: 0) != nil)
        world.run(for: .seconds(3))
        #expect(world.agree())
        #expect(world.views().allSatisfy { $0?.services.count == 1 })
    }

    @Test
    func `a node that starts on a full disk waits for room`() {
        var world = Self.world()
        world.kill(0)
        world.setDiskFull(0, true)
        world.restart(0)
        world.run(for: .seconds(5))
        #expect(!world.machines[0].isRunning)
        world.setDiskFull(0, false)
        world.run(for: .seconds(5))
        #expect(world.machines[0].isRunning)
        #expect(world.meet())
    }

    @Test(arguments: Seed.sweep(10))
    func `a power failure takes a part of what was not durable, and the cluster mends it`(
        seed: Seed
    ) throws {
        var plan = World.Plan()
        plan.machines = 4
        var world = World(seed, plan)
        world.run(for: .seconds(5))
        for number in 0..<10 {
            world.declare(try Self.name("s\(number)"), Self.spec(), on: number % 3)
        }
        world.declare(try Self.name("own"), Self.spec(), on: 3)
        world.run(for: .milliseconds(300))
        let lost = world.kill(3, losing: .unsynced)
        #expect(lost >= 0)
        world.restart(3)
        #expect(world.run(atMost: .seconds(10)) { $0.meet() && $0.agree() } != nil)
        #expect(world.views().allSatisfy { $0?.services.count == 11 })
    }

    @Test
    func `power failures do lose something`() throws {
        let lost = try Seed.sweep(20).map { seed in
            var world = World(seed)
            world.run(for: .seconds(5))
            world.declare(try Self.name("web"), Self.spec(), on: 0)
            world.run(for: .milliseconds(300))
            return world.kill(2, losing: .unsynced)
        }
        #expect(lost.contains { $0 > 0 })
        #expect(lost.contains { $0 == 0 })
    }
}
