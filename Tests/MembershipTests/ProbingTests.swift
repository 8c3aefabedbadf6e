import Membership
import Testing
import Vocabulary

/// Whom a roster probes, when, and what it makes of the answers.
struct ProbingTests {
    @Test(arguments: Seed.sweep(20))
    func `a round reaches every member within two periods each`(seed: Seed) {
        var bench = Bench(others: 30, seed: seed)
        let probed = bench.run(.seconds(70)).effects.probed
        #expect(Set(probed).count == 30)
    }

    @Test
    func `the neighbour is probed every period, and one period lasts a second with jitter`() {
        var bench = Bench(others: 30)
        let moments = bench.run(.seconds(100))
            .filter { if case .probe(Bench.node(1), _) = $0.effect { true } else { false } }
            .map(\.at)
        #expect((90...115).contains(moments.count))
        for (earlier, later) in zip(moments, moments.dropFirst()) {
            #expect(later - earlier <= .milliseconds(1100))
        }
    }

    @Test
    func `who finds its neighbour silent looks at the next ones at once, and not for ever`() throws
    {
        var bench = Bench(others: 30)
        bench.run(.seconds(60))
        try bench.runToProbe(of: 1)
        let probed = bench.run(.milliseconds(900), silent: [1, 2, 3]).effects.probed
        #expect(Set(probed).isSuperset(of: [1, 2, 3].map(Bench.node)))

        var lonely = Bench(others: 1000)
        try lonely.runToProbe(of: 1)
        let inVain = lonely.run(.seconds(4), silent: Set(1...1000)).effects.probed
        #expect(Set(inVain).count < 8 + 6)
    }

    @Test
    func `who does not answer in time is probed through three relays and once more directly`()
        throws
    {
        var bench = Bench(others: 10)
        let number = try bench.runToProbe(of: 1)
        let start = bench.now
        let effects = bench.run(.milliseconds(500), silent: [1]).effects
        #expect(bench.now - start <= .milliseconds(500))
        #expect(Set(effects.relays).count == 3)
        #expect(!effects.relays.contains(Bench.node(1)))
        #expect(effects.contains(.probe(Bench.node(1), number)))
        #expect(effects.accusations.isEmpty)
    }

    @Test
    func `no answer within four timeouts is an accusation of the version probed`() throws {
        var bench = Bench(others: 10)
        try bench.runToProbe(of: 1)
        let early = bench.run(.milliseconds(999), silent: [1]).effects
        #expect(early.accusations.isEmpty)
        let accusations = bench.run(.milliseconds(1), silent: [1]).effects.accusations
        #expect(
            accusations == [
                Accusation(
                    accuser: Bench.node(0),
                    subject: Bench.node(1),
                    version: Bench.version(1)
                )
            ]
        )
        #expect(bench.roster.accusations(of: Bench.node(1)) == accusations)
        #expect(bench.state(1) == .alive)
    }

    @Test
    func `a member that refuted during the probe is not accused on old evidence`() throws {
        var bench = Bench(others: 10)
        try bench.runToProbe(of: 1)
        bench.run(.milliseconds(700), silent: [1])
        bench.tell(.headSeen(Bench.node(1), Bench.version(2), left: false))
        #expect(bench.run(.milliseconds(400), silent: [1]).effects.accusations.isEmpty)
    }

    @Test(arguments: [true, false])
    func `an answer through a relay or a late direct one saves the member`(throughRelay: Bool)
        throws
    {
        var bench = Bench(others: 10)
        let number = try bench.runToProbe(of: 1)
        let everyone = Set(0...10)
        let relays = bench.run(.milliseconds(600), silent: everyone).effects.relays
        let relay = try #require(relays.first)
        bench.tell(.acknowledged(number, by: throughRelay ? relay : Bench.node(1)))
        #expect(bench.run(.milliseconds(800), silent: [1]).effects.accusations.isEmpty)
    }

    @Test
    func `an answer by a stranger to the probe is none`() throws {
        var bench = Bench(others: 10)
        let number = try bench.runToProbe(of: 1)
        bench.tell(.acknowledged(number, by: Bench.node(9)))
        #expect(bench.run(.seconds(1), silent: [1]).effects.accusations.count == 1)
    }

    @Test
    func `who was just heard is not accused, who was heard long ago is`() throws {
        var bench = Bench(others: 10)
        try bench.runToProbe(of: 1)
        bench.run(.milliseconds(950), silent: [1])
        bench.tell(.heard(Bench.node(1)))
        #expect(bench.run(.milliseconds(60), silent: [1]).effects.accusations.isEmpty)
        #expect(bench.run(.seconds(3), silent: [1]).effects.accusations.isEmpty == false)
    }

    @Test
    func `a near peer gets a short timeout, never below the least`() throws {
        var bench = Bench(others: 10)
        bench.run(.seconds(60))  // Everyone answers at once.
        try bench.runToProbe(of: 1)
        let before = bench.run(.milliseconds(99), silent: [1]).effects
        #expect(before.relays.isEmpty)
        #expect(bench.run(.milliseconds(1), silent: [1]).effects.relays.count == 3)
    }

    @Test
    func `a connection refused is a failed probe at once, and counts once`() {
        var bench = Bench(others: 10)
        #expect(bench.tell(.refused(Bench.node(4))).accusations.map(\.subject) == [Bench.node(4)])
        #expect(bench.tell(.refused(Bench.node(4))).isEmpty)
        #expect(bench.roster.member(Bench.node(4))?.accusers == [Bench.node(0)])
        bench.tell(.heard(Bench.node(5)))
        #expect(bench.tell(.refused(Bench.node(5))).isEmpty)
        #expect(bench.tell(.refused(Bench.node(77))).isEmpty)
    }

    @Test
    func `our own accusation is spread again while the member stays silent, and counted once`() {
        var bench = Bench(others: 4)
        let accusations = bench.run(.seconds(30), silent: [2]).effects.accusations
        #expect(accusations.count > 1)
        #expect(Set(accusations).count == 1)
        #expect(bench.roster.accusations(of: Bench.node(2)) == Array(Set(accusations)))
        // Heard again: what we said stands, but is not said again.
        #expect(bench.run(.seconds(30)).effects.accusations.isEmpty)
    }
}

/// What a roster does for others, and how it judges itself.
struct NeighbourlinessTests {
    @Test
    func `a relay passes on the answer, or says in time that there was none`() throws {
        var bench = Bench(others: 5)
        let asked = ProbeNumber(raw: 900)
        let effects = bench.tell(.relayAsked(asked, target: Bench.node(2), by: Bench.node(1)))
        guard case .probe(Bench.node(2), let number)? = effects.first else {
            Issue.record("no probe in \(effects)")
            return
        }
        #expect(bench.tell(.acknowledged(number, by: Bench.node(3))).isEmpty)
        #expect(
            bench.tell(.acknowledged(number, by: Bench.node(2))) == [
                .answerRelay(Bench.node(1), asked, succeeded: true)
            ]
        )
        bench.tell(.relayAsked(asked, target: Bench.node(2), by: Bench.node(1)))
        let late = bench.run(.milliseconds(400), silent: [2]).effects
        #expect(late.contains(.answerRelay(Bench.node(1), asked, succeeded: false)))
    }

    @Test
    func `a relay answers for itself and for strangers at once, and strangers never`() {
        var bench = Bench(others: 5)
        let asked = ProbeNumber(raw: 7)
        #expect(
            bench.tell(.relayAsked(asked, target: Bench.node(0), by: Bench.node(1)))
                == [.answerRelay(Bench.node(1), asked, succeeded: true)]
        )
        #expect(
            bench.tell(.relayAsked(asked, target: Bench.node(50), by: Bench.node(1)))
                == [.answerRelay(Bench.node(1), asked, succeeded: false)]
        )
        #expect(bench.tell(.relayAsked(asked, target: Bench.node(2), by: Bench.node(50))).isEmpty)
    }

    @Test
    func `errands are bounded and a repeated request is one`() {
        var settings = Roster.Settings()
        settings.maximumErrands = 4
        var bench = Bench(others: 5, settings: settings)
        var probes = 0
        for raw in 0..<20 {
            for _ in 0..<2 {
                let number = ProbeNumber(raw: UInt32(raw))
                probes +=
                    bench.tell(.relayAsked(number, target: Bench.node(2), by: Bench.node(1)))
                    .probed.count
            }
        }
        #expect(probes == 4)
    }

    @Test
    func `whoever asks for all errands there are leaves room for the others`() {
        var settings = Roster.Settings()
        settings.maximumErrands = 8
        var bench = Bench(others: 9, settings: settings)
        /// How many of so many requests of a member are taken.
        func ask(_ asker: Int, _ count: Int, from first: Int) -> Int {
            (first..<first + count).reduce(0) { taken, raw in
                let number = ProbeNumber(raw: UInt32(raw))
                let effects = bench.tell(
                    .relayAsked(number, target: Bench.node(9), by: Bench.node(asker))
                )
                return taken + effects.probed.count
            }
        }
        #expect(ask(1, 100, from: 0) == 8)
        #expect(ask(2, 3, from: 0) == 3)
        #expect(ask(3, 1, from: 0) == 1)
        // Whoever has the most asks in vain, as often as it likes.
        #expect(ask(1, 100, from: 100) == 0)
        let answers = bench.run(.seconds(1), silent: [9]).effects
        func answered(_ asker: Int) -> Int {
            answers.count {
                if case .answerRelay(Bench.node(asker), _, _) = $0 { true } else { false }
            }
        }
        #expect([answered(1), answered(2), answered(3)] == [4, 3, 1])
    }

    @Test
    func `missing answers of relays make us ill, and answers make us well`() {
        var bench = Bench(others: 10)
        bench.run(.seconds(6), silent: Set(1...10))
        #expect(bench.roster.selfHealth > 1)
        bench.run(.seconds(30))
        #expect(bench.roster.selfHealth == 0)
        bench.run(.seconds(6), silent: [1])  // The relays say that they do not reach it either.
        #expect(bench.roster.selfHealth == 0)
    }

    @Test
    func `the sick probe more slowly and wait before they accuse`() {
        var well = Bench(others: 20)
        var sick = Bench(others: 20)
        sick.run(.seconds(40), silent: Set(1...20))
        #expect(sick.roster.selfHealth == Roster.Settings().maximumSelfHealth)
        let accusedBefore = sick.run(.seconds(20), silent: Set(1...20)).effects.accusations.count
        let accusedByWell = well.run(.seconds(20), silent: [3, 4, 5]).effects.accusations.count
        #expect(accusedBefore < 12)
        #expect(accusedByWell > 0)
    }

    @Test
    func `a node that slept accuses nobody for it, buries nobody, and knows that it is ill`() throws
    {
        var bench = Bench(others: 10)
        try bench.runToProbe(of: 1)
        for accuser in 2...9 { bench.accuse(10, by: accuser) }
        #expect(bench.state(10) == .suspect)
        bench.now = bench.now + .seconds(20)
        let effects = bench.tell(.deadlineReached)
        #expect(effects.accusations.isEmpty)
        #expect(bench.state(10) == .suspect)
        #expect(bench.roster.selfHealth == 1)
        bench.tell(.deadlineReached)
        #expect(bench.roster.selfHealth == 1)
        bench.run(.seconds(3), silent: [10])
        #expect(bench.state(10) == .dead)
    }

    @Test
    func `a packet that is the first to arrive after the sleep finds the same forgiveness`() {
        var bench = Bench(others: 10)
        for accuser in 2...9 { bench.accuse(10, by: accuser) }
        bench.now = bench.now + .seconds(20)
        bench.tell(.heard(Bench.node(3)))
        bench.tell(.deadlineReached)
        #expect(bench.state(10) == .suspect)
        #expect(bench.roster.selfHealth == 1)
        bench.tell(.headSeen(Bench.node(10), Bench.version(2), left: false))
        bench.run(.seconds(10))
        #expect(bench.state(10) == .alive)
    }

    @Test
    func `an alarm too early changes nothing`() {
        var bench = Bench(others: 10)
        let deadline = bench.roster.nextDeadline
        for _ in 0..<5 { #expect(bench.tell(.deadlineReached).isEmpty) }
        #expect(bench.roster.nextDeadline == deadline)
    }

    @Test
    func `the dead are dialled one each period with jitter, and all in turn`() {
        var bench = Bench(others: 12)
        for subject in 1...6 {
            for accuser in 7...12 { bench.accuse(subject, by: accuser) }
        }
        bench.run(.seconds(4), silent: Set(1...6))
        #expect((1...6).allSatisfy { bench.state($0) == .dead })
        let dialled = bench.run(.seconds(60), silent: Set(1...6)).effects.dialled
        #expect((8...17).contains(dialled.count))
        #expect(Set(dialled) == Set((1...6).map(Bench.node)))
        for subject in 1...6 {
            bench.tell(.headSeen(Bench.node(subject), Bench.version(2), left: subject == 6))
        }
        #expect(bench.run(.seconds(60)).effects.dialled.isEmpty)
    }
}
