import Membership
import Testing
import Vocabulary

/// Members that others reach and that do not answer us.
struct DoubtTests {
    /// Probes node 1 and lets only a relay answer, so many times in a row.
    private func missed(_ times: Int, in bench: inout Bench) throws {
        for _ in 0..<times {
            let number = try bench.runToProbe(of: 1)
            bench.tell(.acknowledged(number, by: try relay(of: number, in: &bench)))
        }
    }

    /// Runs until a relay is asked under this number, while everyone but node 1 answers.
    private func relay(of number: ProbeNumber, in bench: inout Bench) throws -> NodeID {
        for _ in 0..<100 {
            bench.now = max(bench.now, bench.roster.nextDeadline)
            var found: NodeID?
            for effect in bench.tell(.deadlineReached) {
                switch effect {
                case .askRelay(let relay, _, number): found = found ?? relay
                case .probe(let target, let probe) where target != Bench.node(1):
                    bench.tell(.acknowledged(probe, by: target))
                default: break
                }
            }
            if let found { return found }
        }
        throw Bench.NeverProbed(node: 1)
    }

    @Test func `one answer through a relay says nothing`() throws {
        var bench = Bench(others: 5)
        try missed(1, in: &bench)
        #expect(bench.roster.cutOff.isEmpty)
    }

    @Test func `three in a row say that the way between us is cut`() throws {
        var bench = Bench(others: 5)
        try missed(3, in: &bench)
        #expect(bench.roster.cutOff.map(\.id) == [Bench.node(1)])
        #expect(bench.roster.cutOff.first?.isHeard == false)
        #expect(bench.state(1) == .alive)
    }

    @Test func `who is heard meanwhile is deaf and not mute`() throws {
        var bench = Bench(others: 5)
        try missed(2, in: &bench)
        bench.tell(.heard(Bench.node(1)))
        try missed(1, in: &bench)
        #expect(bench.roster.cutOff.first?.isHeard == true)
    }

    @Test func `its own answer ends it`() throws {
        var bench = Bench(others: 5)
        try missed(3, in: &bench)
        let number = try bench.runToProbe(of: 1)
        bench.tell(.acknowledged(number, by: Bench.node(1)))
        #expect(bench.roster.cutOff.isEmpty)
    }

    @Test func `an answer that only came after the relay's is no loss`() throws {
        var bench = Bench(others: 5)
        try missed(2, in: &bench)
        let number = try bench.runToProbe(of: 1)
        bench.tell(.acknowledged(number, by: try relay(of: number, in: &bench)))
        bench.tell(.acknowledged(number, by: Bench.node(1)))
        #expect(bench.roster.cutOff.isEmpty)
    }

    @Test func `a member in doubt is probed each period, whoever's turn it is`() throws {
        var bench = Bench(others: 40)
        try missed(1, in: &bench)
        let before = bench.now
        try missed(1, in: &bench)
        #expect(bench.now - before < .milliseconds(2500))
    }

    @Test func `who dies is in doubt no more`() throws {
        var bench = Bench(others: 5)
        try missed(3, in: &bench)
        for accuser in 2...4 { bench.accuse(1, by: accuser) }
        bench.run(.seconds(10), silent: [1])
        #expect(bench.state(1) == .dead)
        #expect(bench.roster.cutOff.isEmpty)
    }
}
