import Membership
import Testing
import Vocabulary

/// Laws of many rosters together, over seeds (targets T5 and T6 in small).
struct WorldTests {
    @Test(arguments: Seed.sweep(3))
    func `at five percent loss nobody is ever declared dead`(seed: Seed) {
        for count in [3, 5, 20] {
            var world = World(count, seed: seed)
            world.loss = 50
            world.run(.seconds(120))
            #expect(!world.changes.contains { $0.to == .dead })
        }
    }

    @Test(arguments: Seed.sweep(2))
    func `neither at a hundred nodes, with one at eighty percent loss`(seed: Seed) {
        var world = World(100, seed: seed)
        world.loss = 50
        world.lossAt = [7: 800]
        world.run(.seconds(40))
        #expect(!world.changes.contains { $0.to == .dead && $0.subject != 7 && $0.observer != 7 })
    }

    @Test(arguments: Seed.sweep(5))
    func `at a hundred a crash is suspect in two seconds and dead everywhere in four`(
        seed: Seed
    ) {
        var world = World(100, seed: seed)
        world.run(.seconds(10))
        world.crash(42)
        world.run(.seconds(2))
        #expect(
            (0..<100).allSatisfy { $0 == 42 || (world.state(of: 42, at: $0) ?? .alive) >= .suspect }
        )
        world.run(.seconds(2))
        #expect(world.allSee { subject, _ in subject == 42 ? .dead : .alive })
    }

    @Test(arguments: Seed.sweep(20), [3, 5, 20])
    func `in small clusters too a crash is dead everywhere within some periods`(
        seed: Seed,
        count: Int
    ) {
        var world = World(count, seed: seed)
        world.run(.seconds(10))
        world.crash(1)
        world.run(.seconds(7))
        #expect(world.allSee { subject, _ in subject == 1 ? .dead : .alive })
    }

    @Test(arguments: Seed.sweep(20))
    func `one cut from two: each side declares the other dead, and all are alive after`(
        seed: Seed
    ) {
        expectSplitAndHeal(World(3, seed: seed), cutting: 1, split: 12, heal: 15)
    }

    @Test(arguments: Seed.sweep(2))
    func `so it is with two halves of fifty, within eight seconds`(seed: Seed) {
        expectSplitAndHeal(World(50, seed: seed), cutting: 25, split: 8, heal: 10)
    }

    private func expectSplitAndHeal(
        _ calm: World,
        cutting size: Int,
        split: Int,
        heal: Int
    ) {
        var world = calm
        world.loss = 10
        world.run(.seconds(5))
        for node in 0..<size { world.island[node] = 1 }
        world.run(.seconds(split))
        let island = world.island
        #expect(world.allSee { island[$0] == island[$1] ? .alive : .dead })
        for node in 0..<size { world.island[node] = 0 }
        world.run(.seconds(heal))
        #expect(world.allSee { _, _ in .alive })
        let settled = world.changes.count
        world.run(.seconds(20))
        #expect(world.changes.count == settled)
    }

    @Test(arguments: Seed.sweep(5))
    func `one isolated of twenty evicts nobody, and is evicted by the others`(seed: Seed) {
        var world = World(20, seed: seed)
        world.run(.seconds(5))
        world.island[3] = 1
        world.run(.seconds(60))
        #expect(world.allSee { subject, _ in subject == 3 ? .dead : .alive })
        #expect(!world.changes.contains { $0.observer == 3 })
    }

    @Test(arguments: Seed.sweep(5))
    func `a node that goes on after a long pause accuses nobody and is alive again`(seed: Seed) {
        var world = World(20, seed: seed)
        world.run(.seconds(5))
        world.crash(3)
        world.run(.seconds(20))
        #expect(world.allSee { subject, _ in subject == 3 ? .dead : .alive })
        world.resume(3)
        world.run(.seconds(5))
        #expect(world.allSee { _, _ in .alive })
        #expect(!world.changes.contains { $0.observer == 3 || $0.to > .alive && $0.subject != 3 })
    }

    @Test(arguments: Seed.sweep(3))
    func `a node that flaps changes few views a flip, and no other's state`(seed: Seed) {
        var world = World(20, seed: seed)
        world.run(.seconds(5))
        let flips = 6
        for flip in 0..<flips {
            world.island[3] = flip % 2 == 0 ? 1 : 0
            world.run(.seconds(20))
        }
        // Suspect and dead on the way down, alive on the way up.
        for observer in 0..<20 where observer != 3 {
            let mine = world.changes.filter { $0.observer == observer }
            #expect(mine.allSatisfy { $0.subject == 3 })
            #expect(mine.count <= flips / 2 * 3 + 2)
        }
        #expect(world.allSee { _, _ in .alive })
    }

    @Test(arguments: Seed.sweep(10))
    func `the same seed asks for the same effects`(seed: Seed) {
        func trace(_ seed: Seed) -> [Roster.Effect] {
            var world = World(10, seed: seed)
            world.loss = 200
            world.run(.seconds(5))
            world.crash(4)
            world.run(.seconds(10))
            return world.trace
        }
        #expect(trace(seed) == trace(seed))
        #expect(trace(seed) != trace(Seed(seed.value + 1000)))
    }
}
