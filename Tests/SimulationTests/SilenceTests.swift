import Gossip
import Membership
import Simulation
import Testing
import Vocabulary

/// What it costs when many fall silent together.
struct SilenceTests {
    private static let count = 60
    private static let outside = Array(0..<48)

    private static func sent(_ world: World) -> Int {
        outside.reduce(0) { $0 + world.machines[$1].traffic.packetsSent }
    }

    /// 21 measured; 48 before words waited for each other, and were passed on beyond those that count.
    @Test func `where a fifth falls silent, a node sends at most thirty packets a second`() throws {
        var plan = World.Plan()
        plan.machines = Self.count
        plan.isWarm = true
        plan.signatures = .remembered
        var world = World(Seed(1), plan)
        try #require(world.run(atMost: .seconds(10)) { $0.meet() } != nil)
        world.run(for: .seconds(2))
        let before = Self.sent(world)
        world.partition([Self.outside, Array(48..<Self.count)])
        world.run(for: .seconds(10))
        #expect((Self.sent(world) - before) / (10 * Self.outside.count) <= 30)
        let silent = (48..<Self.count).map { world.machines[$0].id }
        for machine in Self.outside {
            let table = try #require(world.machines[machine].publication?.table)
            #expect(silent.allSatisfy { table.state(of: $0) == .dead })
        }
    }
}
