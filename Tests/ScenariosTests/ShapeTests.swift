import Scenarios
import Testing

/// The shapes of partitions, as the links that they cut.
struct ShapeTests {
    /// Whether a cut of this shape lets each node of nine hear each other.
    private func hears(_ shape: String, seed: UInt64 = 1) throws -> [[Bool]] {
        let faults = ["- at: 1s", "  partition: {shape: \(shape)}"]
        let plan = try SmallScenario.plan(faults, nodes: 9, seed: seed)
        var hears = Array(repeating: Array(repeating: true, count: 9), count: 9)
        guard case .cut(let divisions, _)? = plan.faults.first?.effect else { return [] }
        for division in divisions {
            for (place, group) in division.groups.enumerated() {
                for (other, far) in division.groups.enumerated() where other != place {
                    guard !division.isOneWay || place < other else { continue }
                    for from in group { for to in far { hears[from][to] = false } }
                }
            }
        }
        return hears
    }

    /// How many nodes each node reaches over others, itself among them.
    private func reach(_ hears: [[Bool]]) -> [Int] {
        hears.indices.map { start in
            var seen: Set = [start]
            var open = [start]
            while let node = open.popLast() {
                for next in hears.indices where hears[node][next] && seen.insert(next).inserted {
                    open.append(next)
                }
            }
            return seen.count
        }
    }

    private func cut(_ hears: [[Bool]]) -> Int { hears.joined().count { !$0 } }

    @Test(arguments: UInt64(1)...5)
    func `halves, a majority and parts are components`(seed: UInt64) throws {
        #expect(try reach(hears("halves", seed: seed)).sorted() == [4, 4, 4, 4, 5, 5, 5, 5, 5])
        #expect(try Set(reach(hears("majority-minority", seed: seed))) == [4, 5])
        #expect(try Set(reach(hears("third", seed: seed))) == [2, 7])
        #expect(try Set(reach(hears("\"k-way\", parts: 3", seed: seed))) == [3])
        #expect(try Set(reach(hears("shatter", seed: seed))) == [1])
        #expect(try Set(reach(hears("isolate", seed: seed))) == [1, 8])
    }

    @Test(arguments: ["bridge", "majorities-ring", "chain", "star", "single-link"])
    func `everybody reaches everybody in the end, though links are cut`(shape: String) throws {
        for seed in UInt64(1)...5 {
            // A star's rim meets at its hub alone.
            let hears = try hears(shape, seed: seed)
            #expect(cut(hears) > 0)
            #expect(reach(hears) == Array(repeating: 9, count: 9))
        }
    }

    @Test func `in a ring of majorities each sees a majority, and no two the same`() throws {
        let hears = try hears("majorities-ring")
        #expect(hears.allSatisfy { row in row.count { $0 } >= 5 })
        #expect(Set(hears).count == 9)
    }

    @Test func `one way is one way`() throws {
        let deaf = try hears("deaf")
        #expect(cut(deaf) == 8)
        #expect((0..<9).count { node in (0..<9).count { deaf[$0][node] } == 1 } == 1)
        let mute = try hears("mute")
        #expect(cut(mute) == 8)
        #expect(mute.count { row in row.count { $0 } == 1 } == 1)
        #expect(try cut(hears("one-way-halves")) == 20)
        #expect(try cut(hears("single-link")) == 2)
    }

    @Test func `random links are cut with their chance`() throws {
        let counts = try (UInt64(1)...20).map { seed in
            try cut(hears("random-links, p: 30%", seed: seed))
        }
        let mean = counts.reduce(0, +) / 20
        #expect((15...28).contains(mean))
    }
}
