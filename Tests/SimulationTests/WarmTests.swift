import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// Worlds that begin warm, and worlds whose seals are plain: what large simulations leave out.
struct WarmTests {
    private func plan(_ change: (inout World.Plan) -> Void) -> World.Plan {
        var plan = World.Plan()
        plan.machines = 20
        plan.isWarm = true
        change(&plan)
        return plan
    }

    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    @Test(arguments: Sweep.seeds(4))
    func `nodes of a warm world know each other, and stay in peace`(seed: Seed) {
        var world = World(seed, plan { _ in })
        world.run(for: .seconds(1))
        #expect(world.meet())
        #expect(world.agree())
        world.run(for: .seconds(20))
        #expect(world.meet())
        #expect(world.violations.isEmpty)
        for machine in world.machines {
            #expect(machine.publication?.phase == .working)
            // A HEAD and a manifest of each, and the cluster's settings.
            #expect(machine.publication?.records == 2 * world.machines.count + 1)
        }
    }

    @Test(arguments: Sweep.seeds(4))
    func `they pass on what is new, and notice who dies and who comes`(seed: Seed) throws {
        var world = World(seed, plan { $0.seals = .plain })
        world.run(for: .seconds(1))
        world.declare(name, spec, on: 3)
        world.run(for: .seconds(2))
        #expect(world.views().allSatisfy { $0?.services.count == 1 })
        world.kill(7)
        let dead = world.machines[7].id
        let buried = world.run(atMost: .seconds(15)) { world in
            world.running.allSatisfy { number in
                world.machines[number].publication?.table.state(of: dead) == .dead
            }
        }
        #expect(buried != nil)
        world.restart(7)
        #expect(world.run(atMost: .seconds(15)) { $0.meet() && $0.agree() } != nil)
    }

    @Test(arguments: Sweep.seeds(3))
    func `cheaper seals change the bytes of packets and nothing else`(seed: Seed) throws {
        let real = try DeterminismTests.run(seed) {
            $0.signatures = .remembered
            $0.seals = .real
        }
        for seals in [Seals.derived, .plain] {
            let cheap = try DeterminismTests.run(seed) {
                $0.signatures = .remembered
                $0.seals = seals
            }
            #expect(cheap.trace.events == real.trace.events)
            #expect(cheap.machines.map(\.traffic) == real.machines.map(\.traffic))
            #expect(cheap.views().map { $0?.digest } == real.views().map { $0?.digest })
            #expect(cheap.trace.hash != real.trace.hash)
        }
    }

    @Test(arguments: Sweep.seeds(3))
    func `nodes that share what is equal take the very course of nodes that do not`(
        seed: Seed
    ) throws {
        // Whoever checks anew reads anew, and shares nothing.
        let shared = try DeterminismTests.run(seed) { $0.signatures = .remembered }
        let apart = try DeterminismTests.run(seed) { $0.signatures = .checked }
        #expect(shared.trace.hash == apart.trace.hash)
    }

    @Test
    func `a warm world takes the same course twice`() {
        var first = World(Seed(1), plan { $0.link.jitter = .milliseconds(3) })
        var again = World(Seed(1), plan { $0.link.jitter = .milliseconds(3) })
        first.run(for: .seconds(5))
        again.run(for: .seconds(5))
        #expect(first.trace.hash == again.trace.hash)
    }
}
