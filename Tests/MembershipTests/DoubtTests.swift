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

    private func relay(of number: ProbeNumber, in bench: inout Bench) throws -> NodeID {
        try relays(of: number, in: &bench)[0]
    }

    /// Runs until relays are asked under this number, while everyone but node 1 answers.
    private func relays(of number: ProbeNumber, in bench: inout Bench) throws -> [NodeID] {
        for _ in 0..<100 {
            bench.now = max(bench.now, bench.roster.nextDeadline)
            var found: [NodeID] = []
            for effect in bench.tell(.deadlineReached) {
                switch effect {
                case .askRelay(let relay, _, number): found.append(relay)
                case .probe(let target, let probe) where target != Bench.node(1):
                    bench.tell(.acknowledged(probe, by: target))
                default: break
                }
            }
            if !found.isEmpty { return found }
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

    @Test func `a relay that reached a member is asked again`() throws {
        var bench = Bench(others: 40)
        let number = try bench.runToProbe(of: 1)
        let guide = try relay(of: number, in: &bench)
        bench.tell(.acknowledged(number, by: guide))
        for _ in 0..<5 {
            let number = try bench.runToProbe(of: 1)
            #expect(try relays(of: number, in: &bench).contains(guide))
            bench.tell(.acknowledged(number, by: guide))
        }
    }

    @Test func `a relay that reached one member is asked for another, as a bridge would be`() throws
    {
        var bench = Bench(others: 40)
        let number = try bench.runToProbe(of: 1)
        let guide = try relay(of: number, in: &bench)
        bench.tell(.acknowledged(number, by: guide))
        let other = guide == Bench.node(2) ? 3 : 2
        let second = try bench.runToProbe(of: other)
        #expect(try relays(of: second, in: &bench).contains(guide))
    }

    @Test func `who is cut off from us is asked for nothing`() throws {
        var bench = Bench(others: 5)
        try missed(3, in: &bench)
        var asked: [NodeID] = []
        let end = bench.now + .seconds(60)
        while bench.now < end {
            bench.now = max(bench.now, bench.roster.nextDeadline)
            for effect in bench.tell(.deadlineReached) {
                switch effect {
                case .probe(let target, let number) where target > Bench.node(2):
                    bench.tell(.acknowledged(number, by: target))
                case .askRelay(let relay, _, let number):
                    asked.append(relay)
                    bench.tell(.acknowledged(number, by: relay))
                default: break
                }
            }
        }
        #expect(asked.contains(Bench.node(3)))
        #expect(!asked.contains(Bench.node(1)))
    }

    @Test func `members that only relays reach are not probed more and more`() {
        var bench = Bench(others: 8)
        var probes = 0
        while bench.now < .zero + .seconds(30) {
            bench.now = max(bench.now, bench.roster.nextDeadline)
            for effect in bench.tell(.deadlineReached) {
                switch effect {
                case .probe(let target, let number):
                    probes += 1
                    // Those next to us by name do not answer by themselves.
                    if target > Bench.node(4) { bench.tell(.acknowledged(number, by: target)) }
                case .askRelay(let relay, _, let number):
                    bench.tell(.acknowledged(number, by: relay))
                default: break
                }
            }
        }
        // A neighbour, half a turn of the round and a doubt each second, each twice.
        #expect(probes < 30 * 6, "\(probes)")
        #expect((1...8).allSatisfy { bench.state($0) == .alive })
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
