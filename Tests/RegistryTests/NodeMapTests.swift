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
