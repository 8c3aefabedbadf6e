import Testing
import Vocabulary

@testable import Membership

/// The twin of `Registry`'s map: it must be a map like any other, whatever the names are.
struct NodeMapTests {
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
                let isThere = map.change(key) { $0 += 1 }
                #expect(isThere == (plain[key] != nil))
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
        let names = names(&random)
        var map = NodeMap<Int>()
        for (number, name) in names.enumerated() { map[name] = number }
        let before = map
        var copy = map
        for _ in 0..<100 { copy[names[random.below(names.count)]] = nil }
        for _ in 0..<100 { _ = map.change(names[random.below(names.count)]) { $0 = -1 } }
        #expect(before.names == names)
        for (number, name) in names.enumerated() {
            #expect(before[name] == number)
            #expect([nil, number].contains(copy[name]))
            #expect([-1, number].contains(map[name]))
        }
    }
}
