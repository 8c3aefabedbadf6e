import Testing
import Vocabulary

@testable import Registry

/// A map whose copies share: it must be a map like any other, and no copy may see another's changes.
struct NodeMapTests {
    private func node(_ number: Int) -> NodeID { NodeID(UInt128(number) << 40 | 7) }

    @Test(arguments: Seed.sweep(20))
    func `it holds what a dictionary holds, whatever comes and goes`(seed: Seed) {
        var random = RandomStream(seed, "map")
        var map = NodeMap<Int>()
        var plain: [NodeID: Int] = [:]
        for step in 0..<600 {
            let key = node(random.below(150))
            switch random.below(4) {
            case 0:
                map[key] = nil
                plain[key] = nil
            case 1:
                map[key]? += 1
                plain[key]? += 1
            default:
                map[key] = step
                plain[key] = step
            }
        }
        #expect(map.count == plain.count)
        #expect(map.names == plain.keys.sorted())
        for number in 0..<150 {
            #expect(map[node(number)] == plain[node(number)])
            #expect(map.read(node(number)) { $0 } == plain[node(number)])
        }
    }

    /// Names of every kind: spread as hashes are, or many that share their first bytes.
    private func names(_ random: inout RandomStream) -> [NodeID] {
        var names: Set<UInt128> = [0, 1, .max, .max - 1]
        for _ in 0..<1 + random.below(6) {
            let base = UInt128(random.next()) << 64 | UInt128(random.next())
            // So many low bits differ: all that the first eight bytes say may be the same.
            let width = [3, 8, 40, 64, 70, 127][random.below(6)]
            for _ in 0..<random.below(200) {
                let low = UInt128(random.next()) << 64 | UInt128(random.next())
                let mask = (UInt128(1) << UInt128(width)) - 1
                names.insert(base & ~mask | low & mask)
            }
        }
        return names.sorted().map { NodeID($0) }
    }

    @Test(arguments: Seed.sweep(60))
    func `it holds what a dictionary holds, however its names fall together`(seed: Seed) {
        var random = RandomStream(seed, "clusters")
        let names = names(&random)
        var map = NodeMap<Int>()
        var plain: [NodeID: Int] = [:]
        for step in 0..<1500 {
            let key = names[random.below(names.count)]
            switch random.below(5) {
            case 0:
                map[key] = nil
                plain[key] = nil
            case 1:
                map[key]? += 1
                plain[key]? += 1
            default:
                map[key] = step
                plain[key] = step
            }
            let other = names[random.below(names.count)]
            #expect(map[other] == plain[other])
        }
        #expect(map.count == plain.count)
        #expect(map.names == plain.keys.sorted())
        for key in names { #expect(map[key] == plain[key]) }
    }

    @Test(arguments: Seed.sweep(10))
    func `a copy keeps what it was, and so does the original`(seed: Seed) {
        var random = RandomStream(seed, "copies")
        var map = NodeMap<Int>()
        for number in 0..<200 { map[node(number)] = number }
        let before = map
        var copy = map
        for _ in 0..<100 { copy[node(random.below(200))] = nil }
        for _ in 0..<100 { map[node(random.below(200))] = -1 }
        #expect(before.names == (0..<200).map(node))
        for number in 0..<200 {
            #expect(before[node(number)] == number)
            #expect([nil, number].contains(copy[node(number)]))
            #expect([-1, number].contains(map[node(number)]))
        }
    }
}
