import Membership
import Testing
import Vocabulary

/// What a roster says when it is asked why.
struct ReadingTests {
    @Test func `a word is told with its accuser, its version and when it came`() {
        var bench = Bench(others: 6)
        bench.now = .zero + .seconds(3)
        bench.accuse(1, by: 2)
        let words = bench.roster.words(against: Bench.node(1))
        #expect(words.map(\.accuser) == [Bench.node(2)])
        #expect(words.first?.version == Bench.version(1))
        #expect(words.first?.heardAt == .zero + .seconds(3))
        #expect(words.first?.counts == true)
    }

    @Test func `the word of who left is told and does not count`() {
        var bench = Bench(others: 6)
        bench.accuse(1, by: 2)
        bench.tell(.headSeen(Bench.node(2), Bench.version(2), left: true))
        #expect(bench.roster.words(against: Bench.node(1)).map(\.counts) == [false])
    }

    @Test func `a new HEAD leaves no word`() {
        var bench = Bench(others: 6)
        bench.accuse(1, by: 2)
        bench.tell(.headSeen(Bench.node(1), Bench.version(2), left: false))
        #expect(bench.roster.words(against: Bench.node(1)).isEmpty)
    }

    @Test func `a suspicion ends at a moment once three accuse, and not before`() {
        var bench = Bench(others: 6)
        bench.accuse(1, by: 2)
        bench.accuse(1, by: 3)
        #expect(bench.state(1) == .suspect)
        #expect(bench.roster.suspicionEnds(of: Bench.node(1)) == nil)
        bench.accuse(1, by: 4)
        #expect(bench.roster.suspicionEnds(of: Bench.node(1)) == .zero + .seconds(4))
    }

    @Test func `the jurors are the first five by rank, without the accused`() {
        var bench = Bench(others: 9)
        bench.accuse(3, by: 2)
        let jurors = bench.roster.jurors(of: Bench.node(1))
        #expect(jurors == [0, 2, 4, 5, 6].map(Bench.node))
    }

    @Test func `the latest probe is told with what came of it`() throws {
        var bench = Bench(others: 3)
        let number = try bench.runToProbe(of: 1)
        #expect(bench.roster.lastProbe(of: Bench.node(1))?.outcome == .pending)
        bench.now = bench.now + .milliseconds(7)
        bench.tell(.acknowledged(number, by: Bench.node(1)))
        let note = bench.roster.lastProbe(of: Bench.node(1))
        #expect(note?.outcome == .answered(after: .milliseconds(7)))
    }

    @Test func `a refused port is told as such, and as good as a failed probe`() {
        var bench = Bench(others: 6)
        bench.run(.seconds(20))
        bench.now = bench.now + .seconds(1)
        let effects = bench.tell(.refused(Bench.node(1)))
        #expect(effects.accusations.map(\.subject) == [Bench.node(1)])
    }

    @Test func `a failed probe is told with its relays`() throws {
        var bench = Bench(others: 6)
        try bench.runToProbe(of: 1)
        bench.run(.seconds(1), silent: [1])
        let note = bench.roster.lastProbe(of: Bench.node(1))
        #expect(note?.outcome == .failed(relaysThatFailed: 3, relaysAsked: 3))
    }

    @Test func `of three others two words are enough to bury, of ten it takes three`() {
        let small = Bench(others: 2).roster.needed(against: Bench.node(1))
        #expect(small == Bench(others: 2).roster.needed(against: Bench.node(2)))
        #expect(small.toSuspect == 1)
        #expect(small.toBury == 2)
        let big = Bench(others: 10).roster.needed(against: Bench.node(1))
        #expect(big.toSuspect == 2)
        #expect(big.toBury == 3)
    }

    @Test func `whether a digest agreed is told until the next one`() {
        var bench = Bench(others: 2)
        #expect(bench.roster.member(Bench.node(1))?.agrees == nil)
        bench.tell(.compared(Bench.node(1), agrees: true))
        #expect(bench.roster.member(Bench.node(1))?.agrees == true)
        bench.tell(.compared(Bench.node(1), agrees: false))
        #expect(bench.roster.member(Bench.node(1))?.agrees == false)
    }

    @Test func `who was never heard is shown as such`() {
        var bench = Bench(others: 2)
        #expect(bench.roster.member(Bench.node(1))?.lastHeard == nil)
        bench.tell(.heard(Bench.node(1)))
        #expect(bench.roster.member(Bench.node(1))?.lastHeard == .zero)
    }
}
