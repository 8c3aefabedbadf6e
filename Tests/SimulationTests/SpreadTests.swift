import Gossip
import Registry
import Simulation
import Testing
import Vocabulary

/// What is said to have been seen is seen, in worlds of five that lose datagrams.
struct SpreadTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    private final class Log {
        var spreads: [Spread] = []
    }

    /// Five that met, and what they will say of how far something came.
    private func village(_ seed: Seed, loss: Int) throws -> (World, Log) {
        var plan = World.Plan()
        plan.machines = 5
        plan.link.lossPerMille = loss
        var world = World(seed, plan)
        try #require(world.run(atMost: .seconds(8)) { $0.running.count == 5 && $0.meet() } != nil)
        let log = Log()
        world.witness = { _, sight in
            if case .answered(_, .spread(let spread)) = sight { log.spreads.append(spread) }
        }
        return (world, log)
    }

    @Test(arguments: Sweep.seeds(10))
    func `what is declared is seen by the four others, and they truly have it`(seed: Seed) throws {
        var (world, log) = try village(seed, loss: 50)
        world.declare(name, spec, on: 1)
        #expect(world.command(.confirm(within: .seconds(5)), on: 1) == nil)
        _ = world.run(atMost: .seconds(6)) { _ in !log.spreads.isEmpty }
        let spread = try #require(log.spreads.first)
        #expect(spread.seen.count == 4)
        #expect(spread.missing == [])
        #expect(spread.time < .seconds(2))
        // Views are made a moment after the records came.
        world.run(for: .milliseconds(100))
        #expect(world.views().allSatisfy { $0?.services.count == 1 })
    }

    @Test(arguments: Sweep.seeds(10))
    func `whoever is cut off is named as missing, and found to have it after the heal`(
        seed: Seed
    ) throws {
        var (world, log) = try village(seed, loss: 0)
        world.partition([[0, 1, 2, 3], [4]])
        world.declare(name, spec, on: 1)
        world.command(.confirm(within: .milliseconds(800)), on: 1)
        world.run(for: .seconds(1))
        #expect(log.spreads.first?.seen.count == 3)
        #expect(log.spreads.first?.missing == [world.machines[4].id])
        world.command(.confirm(within: .seconds(30)), on: 1)
        world.heal()
        _ = world.run(atMost: .seconds(20)) { _ in log.spreads.count == 2 }
        #expect(log.spreads.last?.missing == [])
        #expect(log.spreads.last?.seen.contains(world.machines[4].id) == true)
    }

    @Test(arguments: Sweep.seeds(4))
    func `a hundred services at once are confirmed in parts`(seed: Seed) throws {
        var (world, log) = try village(seed, loss: 20)
        let names = (0..<100).compactMap { ServiceName(namespace: "default", name: "web-\($0)") }
        let wishes = names.map { Command.declare($0, spec, takeOwnership: false) }
        world.command(.together(wishes), on: 0)
        world.command(.confirm(within: .seconds(20)), on: 0)
        _ = world.run(atMost: .seconds(21)) { _ in !log.spreads.isEmpty }
        #expect(log.spreads.first?.seen.count == 4)
        world.run(for: .milliseconds(100))
        #expect(world.views().allSatisfy { $0?.services.count == 100 })
    }

    @Test(arguments: Sweep.seeds(10))
    func `a delete is confirmed though nothing of what was declared is left`(seed: Seed) throws {
        var (world, log) = try village(seed, loss: 50)
        world.declare(name, spec, on: 1)
        world.command(.withdraw(name), on: 1)
        world.command(.confirm(within: .seconds(5)), on: 1)
        _ = world.run(atMost: .seconds(6)) { _ in !log.spreads.isEmpty }
        #expect(log.spreads.first?.seen.count == 4)
        world.run(for: .milliseconds(100))
        #expect(world.views().allSatisfy { $0?.services.isEmpty == true })
    }

    // MARK: Addresses

    @Test(arguments: Sweep.seeds(4))
    func `an address that comes and goes is reported by all, and by nobody who only starts`(
        seed: Seed
    ) throws {
        var (world, _) = try village(seed, loss: 0)
        let time = world.run(atMost: .seconds(10)) { world in
            world.machines.allSatisfy { $0.publication?.phase == .working }
        }
        try #require(time != nil)
        var reasons: [Int: [AddressChange.Reason]] = [:]
        let log = Changes()
        world.witness = { _, sight in
            if case .reported(let machine, .addressChanged(let change)) = sight {
                log.changes.append((machine, change.reason))
            }
        }
        world.declare(name, spec, on: 1)
        world.run(for: .seconds(2))
        world.restart(3)
        world.run(for: .seconds(5))
        world.command(.withdraw(name), on: 1)
        world.run(for: .seconds(2))
        for (machine, reason) in log.changes { reasons[machine, default: []].append(reason) }
        for machine in 0..<5 { #expect(reasons[machine] == [.assigned, .serviceGone]) }
    }

    private final class Changes {
        var changes: [(Int, AddressChange.Reason)] = []
    }
}
