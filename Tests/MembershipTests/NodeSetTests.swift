import Testing
import Vocabulary

@testable import Membership

/// Names in order, whose copies share a list.
struct NodeSetTests {
    @Test(arguments: Seed.sweep(40))
    func `it is the sorted list of those who were admitted and not dismissed`(seed: Seed) {
        var random = RandomStream(seed, "names")
        var set = NodeSet()
        var list: [NodeID] = []
        for _ in 0..<600 {
            let id = NodeID(UInt128(random.below(60)))
            if random.chance(1, in: 2) {
                #expect(set.admit(id) == !list.contains(id))
                if !list.contains(id) { list.append(id) }
            } else {
                #expect(set.dismiss(id) == list.contains(id))
                list.removeAll { $0 == id }
            }
            list.sort()
            #expect(Array(set) == list)
            #expect(set.count == list.count)
            #expect(set.indices.map { set[$0] } == list)
            #expect(set.holds(id) == list.contains(id))
            #expect(set.place(of: id) == list.count { $0 < id })
        }
    }

    @Test func `a copy goes its own way`() {
        var set = NodeSet(rising: (0..<100).map { NodeID($0) })
        let copy = set
        set.dismiss(NodeID(7))
        set.admit(NodeID(200))
        #expect(copy.holds(NodeID(7)))
        #expect(!copy.holds(NodeID(200)))
    }
}

/// An order drawn anew for each round.
struct RoundTests {
    private func turns(
        _ count: Int,
        of everyone: NodeSet,
        _ round: inout Round,
        _ random: inout RandomStream
    ) -> [NodeID] {
        (0..<count).compactMap { _ in
            round.next(of: everyone, using: &random) { _ in true }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 100, 257])
    func `everyone has one turn in each round, each time in another order`(count: Int) {
        let everyone = NodeSet(rising: (0..<count).map { NodeID(UInt128($0)) })
        var random = RandomStream(Seed(UInt64(count)), "round")
        var round = Round()
        let first = turns(count, of: everyone, &round, &random)
        let second = turns(count, of: everyone, &round, &random)
        #expect(first.sorted() == Array(everyone))
        #expect(second.sorted() == Array(everyone))
        if count > 10 { #expect(first != second && first != Array(everyone)) }
    }

    @Test func `whoever comes while a round is under way has a turn in it`() {
        let everyone = NodeSet(rising: (0..<50).map { NodeID($0) })
        var random = RandomStream(Seed(1), "round")
        var round = Round()
        let first = turns(20, of: everyone, &round, &random)
        round.admit(NodeID(99))
        let rest = turns(31, of: everyone, &round, &random)
        #expect((first + rest).sorted() == Array(everyone) + [NodeID(99)])
    }

    @Test func `the unfit lose their turn, and where nobody is fit nobody has one`() {
        let everyone = NodeSet(rising: (0..<9).map { NodeID($0) })
        var random = RandomStream(Seed(1), "round")
        var round = Round()
        let even = (0..<5).compactMap { _ in
            round.next(of: everyone, using: &random) { $0.number % 2 == 0 }
        }
        #expect(even.sorted().map(\.number) == [0, 2, 4, 6, 8])
        #expect(round.next(of: everyone, using: &random) { _ in false } == nil)
        #expect(round.next(of: NodeSet(), using: &random) { _ in true } == nil)
    }
}
