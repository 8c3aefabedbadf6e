import Foundation
import Registry
import Simulation
import Testing
import Vocabulary

/// A run depends on its seed, its plan and the commit, and on nothing else.
///
/// Swift seeds every Set and Dictionary by process and by address, so another process is the
/// detector of whatever order leaks (chaos design, section 2.4).
struct DeterminismTests {
    /// A run with a bit of everything: loss, a cut, double allotments, a kill and a restart.
    static func run(_ seed: Seed, change: (inout World.Plan) -> Void = { _ in }) throws -> World {
        var plan = World.Plan()
        plan.machines = 6
        plan.link.lossPerMille = 50
        plan.link.duplicatesPerMille = 20
        plan.serviceCIDR = try #require(CIDR("10.96.0.0/27"))
        change(&plan)
        var world = World(seed, plan)
        world.run(for: .seconds(3))
        world.partition([[0, 1], [2, 3, 4, 5]])
        for number in 0..<12 {
            let name = try #require(ServiceName(namespace: "default", name: "s\(number)"))
            let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])
            world.declare(name, spec, on: number % 5)
        }
        world.run(for: .seconds(4))
        world.kill(4)
        world.run(for: .seconds(4))
        world.heal()
        world.restart(4)
        world.run(for: .seconds(15))
        return world
    }

    /// What one process says of a run.
    private static func account(of seed: Seed) throws -> String {
        let trace = try run(seed).trace
        let points = trace.checkpoints.map { String($0, radix: 16) }.joined(separator: " ")
        return "\(seed) \(trace.events) \(String(trace.hash, radix: 16)) \(points)"
    }

    private static let seeds = [Seed(1), Seed(2), Seed(20)]

    @Test
    func `a seed takes the same course in two processes`() async throws {
        let result = try await #require(
            processExitsWith: .success,
            observing: [\.standardOutputContent]
        ) {
            for seed in Self.seeds { print("account", try Self.account(of: seed)) }
            print("order", Self.orderOfASet)
        }
        let lines = String(decoding: result.standardOutputContent, as: UTF8.self)
            .split(separator: "\n").map(String.init)
        let theirs = lines.filter { $0.hasPrefix("account ") }
        #expect(theirs == (try Self.seeds.map { try "account \(Self.account(of: $0))" }))
        // The detector works only if sets are ordered differently over there.
        #expect(lines.contains { $0.hasPrefix("order ") })
        #expect(!lines.contains("order \(Self.orderOfASet)"))
    }

    private static var orderOfASet: String { Set(0..<100).map(String.init).joined(separator: ",") }

    @Test
    func `a seed takes the same course twice, and another seed another one`() throws {
        let first = try Self.run(Seed(3)).trace
        let again = try Self.run(Seed(3)).trace
        let other = try Self.run(Seed(4)).trace
        #expect(first.hash == again.hash)
        #expect(first.checkpoints == again.checkpoints)
        #expect(first.checkpoints.count > 1)
        #expect(first.hash != other.hash)
        #expect(first.checkpoints.first != other.checkpoints.first)
    }

    @Test
    func `it makes no difference whether signatures are remembered or checked anew`() throws {
        let remembered = try Self.run(Seed(5)) { $0.signatures = .remembered }
        let checked = try Self.run(Seed(5)) { $0.signatures = .checked }
        #expect(remembered.trace.hash == checked.trace.hash)
    }

    // MARK: Less of everything

    /// What five machines send, in order, in a world with some that nobody ever hears of.
    private static func account(withStrangers strangers: Int) -> [String] {
        var plan = World.Plan()
        plan.machines = 5 + strangers
        plan.seeds = 3
        plan.link.lossPerMille = 50
        var world = World(Seed(6), plan)
        world.partition([Array(0..<5), Array(5..<5 + strangers)])
        let log = Log()
        world.witness = { time, sight in
            guard case .sent(let from, let to, let bytes, let copies) = sight, from < 5 else {
                return
            }
            let hash = bytes.reduce(0) { ($0 &* 31) &+ UInt64($1) }
            log.lines.append("\(time.nanoseconds) \(from) \(to ?? -1) \(hash) \(copies)")
        }
        world.run(for: .seconds(5))
        world.kill(4)
        world.run(for: .seconds(5))
        return log.lines
    }

    @Test
    func `machines that nobody hears of change nothing for the others`() {
        let alone = Self.account(withStrangers: 0)
        #expect(alone.count > 200)
        #expect(alone == Self.account(withStrangers: 1))
        #expect(alone == Self.account(withStrangers: 4))
    }

    @Test
    func `a fault between two machines changes nothing before it, nor where it has no effect`() {
        func hash(_ fault: (inout World) -> Void) -> UInt64 {
            var world = World(Seed(8))
            world.run(for: .seconds(4))
            fault(&world)
            world.run(for: .seconds(4))
            return world.trace.hash
        }
        let calm = hash { _ in }
        // Nothing so long, and nothing of that form, is ever sent there.
        #expect(calm == hash { $0.setFilter(PacketFilter(size: 1373), from: 0, to: 1) })
        #expect(calm == hash { $0.setModel(.init(), from: 0, to: 1) })
        #expect(calm == hash { $0.setFilter(PacketFilter(), from: 0, to: 99) })
        #expect(calm != hash { $0.setFilter(PacketFilter(), from: 0, to: 1) })
    }

    private final class Log {
        var lines: [String] = []
    }
}
