import Membership
import Testing
import Vocabulary

/// How accusations make a state, and what takes them back.
struct JudgingTests {
    @Test
    func `one accuser makes nobody suspect among ten, two do, and the change is told`() {
        var bench = Bench(others: 9)
        bench.accuse(1, by: 2)
        #expect(bench.state(1) == .alive)
        let effects = bench.accuse(1, by: 3)
        #expect(effects.contains(.changed(Bench.node(1), from: .alive, to: .suspect)))
        #expect(bench.accuse(1, by: 3).isEmpty)
    }

    @Test(arguments: [1, 2])
    func `one accuser is enough in a cluster of two or three`(others: Int) {
        var bench = Bench(others: others)
        bench.run(.seconds(3), silent: [1])
        #expect(bench.state(1) == .suspect)
    }

    @Test
    func `two accusers never make dead among ten`() {
        var bench = Bench(others: 9)
        bench.accuse(1, by: 2)
        bench.accuse(1, by: 3)
        bench.run(.seconds(60))
        #expect(bench.state(1) == .suspect)
    }

    // What speaks against whoever died comes to nobody who missed it: those who buried it look at it
    // no more. Here it is the last juror of all, and far from being its neighbour.
    @Test(arguments: [1, 2], Seed.sweep(5))
    func `who missed the last words against the dead looks for itself soon`(
        words: Int,
        seed: Seed
    ) {
        for others in [30, 400, 3000] {
            var bench = Bench(others: others, seed: seed, rank: { UInt64.max - UInt64($0.number) })
            for accuser in 1...words { bench.accuse(others - 9, by: accuser + 1) }
            #expect(bench.state(others - 9) == (words == 1 ? .alive : .suspect))
            var isSaid = false
            for _ in 0..<60 where !isSaid {
                let effects = bench.run(.seconds(1), silent: [others - 9]).effects
                isSaid = effects.accusations.contains { $0.subject == Bench.node(others - 9) }
            }
            // The time of a verdict, the doublings from five seats to all, and a look.
            let limit = (words == 1 ? 20 : 4) + (others > 1000 ? 10 : 7) + 3
            #expect(isSaid)
            #expect(bench.now <= .zero + .seconds(limit), "\(others): \(bench.now)")
            if words == 2 { #expect(bench.state(others - 9) == .dead) }
        }
    }

    @Test
    func `a lone word against who is well makes few look at it, and two make its jurors`() {
        for words in 1...2 {
            var bench = Bench(others: 400, rank: { UInt64.max - UInt64($0.number) })
            for accuser in 1...words { bench.accuse(391, by: accuser + 1) }
            // The shuffled round comes to it by chance, hardly within ten seconds.
            let probed = bench.run(.seconds(words == 1 ? 15 : 5)).effects.probed
            #expect(!probed.contains(Bench.node(391)))
        }
    }

    @Test
    func `three accusers make dead after four periods, six after two`() {
        for (accusers, periods) in [(3, 4), (6, 2)] {
            var bench = Bench(others: 20, rank: { _ in 0 })
            for accuser in 2..<2 + accusers { bench.accuse(1, by: accuser) }
            #expect(bench.state(1) == .suspect)
            bench.run(.seconds(periods) - .milliseconds(1))
            #expect(bench.state(1) == .suspect)
            let effects = bench.run(.milliseconds(1)).effects
            #expect(effects.contains(.changed(Bench.node(1), from: .suspect, to: .dead)))
        }
    }

    @Test
    func `all others are enough where fewer than three are left`() {
        var bench = Bench(others: 2)
        bench.accuse(1, by: 2)
        bench.run(.seconds(10))
        #expect(bench.state(1) == .suspect)
        bench.run(.seconds(5), silent: [1])
        #expect(bench.state(1) == .dead)
    }

    @Test
    func `a suspect that refutes in time stays alive, and so does a dead one that returns`() {
        var bench = Bench(others: 20)
        for accuser in 2...9 { bench.accuse(1, by: accuser) }
        bench.run(.seconds(1))
        #expect(
            bench.tell(.headSeen(Bench.node(1), Bench.version(2), left: false))
                == [.changed(Bench.node(1), from: .suspect, to: .alive)]
        )
        bench.run(.seconds(10))
        #expect(bench.state(1) == .alive)
        #expect(bench.roster.accusations(of: Bench.node(1)).isEmpty)

        for accuser in 2...9 { bench.accuse(1, by: accuser, sequence: 2) }
        bench.run(.seconds(4))
        #expect(bench.state(1) == .dead)
        #expect(
            bench.tell(.headSeen(Bench.node(1), Bench.version(0, incarnation: 2), left: false))
                == [.changed(Bench.node(1), from: .dead, to: .alive)]
        )
    }

    @Test
    func `to be heard does not raise the dead or clear the suspect`() {
        var bench = Bench(others: 20)
        for accuser in 2...9 { bench.accuse(1, by: accuser) }
        for accuser in 2...3 { bench.accuse(4, by: accuser) }
        bench.run(.seconds(4))
        for number in [1, 4] { #expect(bench.tell(.heard(Bench.node(number))).isEmpty) }
        #expect(bench.state(1) == .dead)
        #expect(bench.state(4) == .suspect)
        #expect(bench.roster.member(Bench.node(1))?.lastHeard == bench.now)
    }

    @Test
    func `accusations of an older version are void, of a newer one wait for the HEAD`() {
        var bench = Bench(others: 20)
        bench.tell(.headSeen(Bench.node(1), Bench.version(5), left: false))
        for accuser in 2...9 { bench.accuse(1, by: accuser, sequence: 4) }
        for accuser in 2...9 { bench.accuse(1, by: accuser, sequence: 6) }
        #expect(bench.state(1) == .alive)
        #expect(bench.roster.accusations(of: Bench.node(1)).isEmpty)
        bench.tell(.headSeen(Bench.node(1), Bench.version(6), left: false))
        #expect(bench.state(1) == .suspect)
        #expect(bench.roster.accusations(of: Bench.node(1)).count == 8)
    }

    @Test
    func `accusations may come before the subject is known at all`() {
        var bench = Bench(others: 9)
        for accuser in 2...4 { bench.accuse(15, by: accuser) }
        #expect(bench.state(15) == nil)
        #expect(
            bench.tell(.headSeen(Bench.node(15), Bench.version(1), left: false)).prefix(1)
                == [.changed(Bench.node(15), from: nil, to: .alive)]
        )
        #expect(bench.state(15) == .suspect)
    }

    @Test
    func `the word of the unknown, the dead and the departed does not count`() {
        var bench = Bench(others: 20)
        for accuser in 11...16 { bench.accuse(10, by: accuser) }
        bench.run(.seconds(4), silent: [10])
        #expect(bench.state(10) == .dead)
        bench.tell(.headSeen(Bench.node(9), Bench.version(1), left: true))
        bench.accuse(1, by: 10)
        bench.accuse(1, by: 9)
        bench.accuse(1, by: 99)
        #expect(bench.state(1) == .alive)
        // They did not count; what the dead one said counts once it returns.
        bench.accuse(1, by: 2)
        #expect(bench.state(1) == .alive)
        bench.tell(.headSeen(Bench.node(10), Bench.version(2), left: false))
        #expect(bench.state(1) == .suspect)
        // And no longer once it is forgotten.
        bench.tell(.forgotten(Bench.node(10)))
        #expect(bench.state(1) == .alive)
        #expect(bench.state(10) == nil)
    }

    @Test
    func `nobody accuses itself`() {
        var bench = Bench(others: 2)
        bench.accuse(1, by: 1)
        #expect(bench.roster.accusations(of: Bench.node(1)).isEmpty)
    }

    @Test
    func `a dead member stays dead though its accusers die too`() {
        var bench = Bench(others: 20)
        for accuser in 2...5 { bench.accuse(1, by: accuser) }
        bench.run(.seconds(4))
        for number in 2...5 {
            bench.tell(.headSeen(Bench.node(number), Bench.version(1), left: true))
        }
        #expect(bench.state(1) == .dead)
    }

    @Test
    func `a HEAD that says LEFT counts at once, and a later one without it returns`() {
        var bench = Bench(others: 9)
        #expect(
            bench.tell(.headSeen(Bench.node(1), Bench.version(2), left: true))
                == [.changed(Bench.node(1), from: .alive, to: .left)]
        )
        #expect(!bench.run(.seconds(60)).effects.probed.contains(Bench.node(1)))
        bench.accuse(1, by: 2, sequence: 2)
        bench.accuse(1, by: 3, sequence: 2)
        #expect(bench.state(1) == .left)
        bench.tell(.headSeen(Bench.node(1), Bench.version(3), left: false))
        #expect(bench.state(1) == .alive)
        bench.tell(.headSeen(Bench.node(1), Bench.version(2), left: true))
        #expect(bench.state(1) == .alive)
    }

    @Test
    func `only the five of least rank probe at once on a first accusation, and on no second`() {
        for (mine, isJuror) in [(UInt64(4), true), (5, false)] {
            // Node n has rank n - 1 among the others; we are placed at `mine`.
            var bench = Bench(others: 30) {
                $0.number == 0 ? mine * 10 + 5 : UInt64($0.number) * 10
            }
            #expect(bench.accuse(30, by: 20).probed == (isJuror ? [Bench.node(30)] : []))
            #expect(bench.accuse(30, by: 21).probed.isEmpty)
        }
    }

    @Test
    func `a first accuser takes no juror's seat: the next one looks in its place`() {
        // The first five of all are 1...5; we are the sixth.
        for (accuser, isJuror) in [(5, true), (6, false)] {
            var bench = Bench(others: 40) { $0.number == 0 ? 55 : UInt64($0.number) * 10 }
            let probed = bench.accuse(40, by: accuser).probed
            #expect(probed == (isJuror ? [Bench.node(40)] : []))
        }
    }

    @Test
    func `who becomes a juror later does its part while too few have spoken`() {
        // The first five jurors of all are 1...5; we are the sixth.
        var bench = Bench(others: 40) { $0.number == 0 ? 55 : UInt64($0.number) * 10 }
        #expect(bench.accuse(40, by: 39).probed.isEmpty)
        bench.tell(.headSeen(Bench.node(3), Bench.version(2), left: true))
        let log = bench.run(.seconds(2), silent: [40])
        #expect(log.effects.accusations.contains { $0.subject == Bench.node(40) })
    }

    @Test
    func `a juror accuses quickly too, or says nothing`() {
        for answers in [true, false] {
            var bench = Bench(others: 30)
            bench.run(.seconds(60))
            bench.accuse(30, by: 20)
            let log = bench.tell(.heard(Bench.node(4)))
            #expect(log.isEmpty)
            let probe = bench.roster.nextDeadline
            #expect(probe - bench.now <= .milliseconds(100))
            let accused = bench.run(.milliseconds(400), silent: answers ? [] : [30])
                .effects.accusations
            #expect(accused.map(\.subject) == (answers ? [] : [Bench.node(30)]))
            #expect(bench.state(30) == (answers ? .alive : .suspect))
        }
    }
}

/// When others accuse us.
struct RefutationTests {
    @Test
    func `an accusation of our version is refuted at once, of others never`() {
        var bench = Bench(others: 9)
        #expect(bench.accuse(0, by: 1, sequence: 0).isEmpty)
        #expect(bench.accuse(0, by: 1, sequence: 2).isEmpty)
        #expect(bench.accuse(0, by: 99).isEmpty)
        #expect(bench.accuse(0, by: 1) == [.refute(above: Bench.version(1))])
        // The HEAD that node 2 accuses turns out to exist: an older life of ours signed it.
        bench.run(.seconds(1))
        #expect(
            bench.tell(.headSeen(Bench.node(0), Bench.version(2), left: false))
                == [.refute(above: Bench.version(2))]
        )
    }

    @Test
    func `we refute at most twice a second, and the last accusation is not forgotten`() {
        var bench = Bench(others: 9)
        var refutations: [Instant] = []
        var sequence: UInt64 = 1
        func note(_ effects: [Roster.Effect], _ bench: inout Bench) {
            for case .refute(let version) in effects {
                refutations.append(bench.now)
                sequence = version.sequence + 1
                bench.tell(.headSeen(Bench.node(0), Bench.version(sequence), left: false))
            }
        }
        for _ in 0..<1000 {
            bench.now = bench.now + .milliseconds(10)
            note(bench.tell(.deadlineReached), &bench)
            note(bench.accuse(0, by: 1, sequence: sequence), &bench)
            note(bench.accuse(0, by: 2, sequence: sequence), &bench)
        }
        #expect((19...21).contains(refutations.count))
        for (earlier, later) in zip(refutations, refutations.dropFirst()) {
            #expect(later - earlier >= .milliseconds(500))
        }
    }

    @Test(arguments: [(2, 100), (9, 10)])
    func `one member alone is answered more and more seldom, unless its word alone counts`(
        others: Int,
        expected: Int
    ) {
        var bench = Bench(others: others)
        var refutations = 0
        var sequence: UInt64 = 1
        for _ in 0..<5000 {
            bench.now = bench.now + .milliseconds(10)
            let effects = bench.tell(.deadlineReached) + bench.accuse(0, by: 1, sequence: sequence)
            for case .refute(let version) in effects {
                refutations += 1
                sequence = version.sequence + 1
                bench.tell(.headSeen(Bench.node(0), Bench.version(sequence), left: false))
            }
        }
        #expect(abs(refutations - expected) <= 2, "\(refutations)")
    }
}

/// Memory is bounded, whatever is sent.
struct LimitTests {
    @Test
    func `members, accusers and early accusations have limits`() {
        var settings = Roster.Settings()
        settings.maximumMembers = 50
        settings.maximumAccusers = 4
        settings.maximumEarlyAccusations = 10
        var bench = Bench(others: 60, settings: settings)
        #expect(bench.roster.members.count == 50)
        for accuser in 2...40 { bench.accuse(1, by: accuser) }
        #expect(bench.roster.accusations(of: Bench.node(1)).count == 4)
        // Ours has a place even so.
        bench.tell(.refused(Bench.node(1)))
        #expect(bench.roster.member(Bench.node(1))?.accusers.contains(Bench.node(0)) == true)
        #expect(bench.roster.accusations(of: Bench.node(1)).count == 4)

        for accuser in 2...40 { bench.accuse(41, by: accuser, sequence: 9) }
        bench.tell(.headSeen(Bench.node(41), Bench.version(9), left: false))
        #expect(bench.roster.member(Bench.node(41))?.accusers.count == 4)
        for subject in 2...40 { bench.accuse(subject, by: 1, sequence: 9) }
        for subject in 2...40 {
            bench.tell(.headSeen(Bench.node(subject), Bench.version(9), left: false))
        }
        let accused = (2...40).filter { !bench.roster.accusations(of: Bench.node($0)).isEmpty }
        #expect(accused == Array(31...40))  // The newest ten.
    }

    @Test
    func `a juror of everyone has a bounded number of probes in flight`() {
        var bench = Bench(others: 500, rank: { $0.number == 0 ? 0 : 1 })
        var probes = 0
        for subject in 2...500 { probes += bench.accuse(subject, by: 1).probed.count }
        #expect(probes == Roster.Settings().maximumProbes)
    }

    @Test
    func `members are sorted and never contain myself`() {
        var bench = Bench(others: 0)
        for number in [5, 3, 9, 0, 1, 7] {
            bench.tell(.headSeen(Bench.node(number), Bench.version(2), left: false))
        }
        #expect(bench.roster.members.map(\.id) == [1, 3, 5, 7, 9].map(Bench.node))
        #expect(bench.roster.member(Bench.node(0)) == nil)
    }

    @Test
    func `ten thousand members join, crash and return in moments`() {
        // Ranks as if drawn, so that we are a juror of few.
        var bench = Bench(others: 10_000) { id in
            var draw = RandomStream(Seed(UInt64(truncatingIfNeeded: id.number)), "rank")
            return draw.next()
        }
        for subject in 1...2_000 {
            for accuser in 3_000...3_006 { bench.accuse(subject, by: accuser) }
        }
        bench.run(.seconds(5), silent: Set(1...2_000))
        #expect(bench.roster.members.count { $0.state == .dead } == 2_000)
        for subject in 1...2_000 {
            bench.tell(.headSeen(Bench.node(subject), Bench.version(2), left: false))
        }
        #expect(bench.roster.members.allSatisfy { $0.state == .alive })
    }
}
