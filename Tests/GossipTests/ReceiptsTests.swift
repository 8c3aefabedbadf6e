import Testing
import Vocabulary
import Wire

@testable import Gossip

/// The book of inquiries by itself: what is asked, of whom, how often, and what is said at the end.
struct ReceiptsTests {
    private var receipts = Receipts()
    private let patience = Duration.seconds(2)

    private func time(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

    private mutating func begin(
        _ members: [NodeID],
        at now: Instant = .zero,
        ticket: UInt64 = 1
    ) {
        receipts.begin(Ticket(ticket), members: members, within: patience, at: now) { _ in true }
    }

    private mutating func asked(at now: Instant) -> [(member: NodeID, frame: Frame)] {
        receipts.questions(at: now) { _ in true }
    }

    private mutating func numbers(at now: Instant) -> [UInt32] {
        asked(at: now).compactMap { question in
            if case .inquiry(let number, _) = question.frame { number } else { nil }
        }
    }

    @Test
    mutating func `where nothing was signed all have seen it at once`() {
        begin([NodeID(2), NodeID(1)])
        let done = receipts.finished(at: .zero)
        #expect(
            done.map(\.spread) == [Spread(seen: [NodeID(1), NodeID(2)], missing: [], time: .zero)]
        )
        #expect(receipts.nextDeadline == .never)
    }

    @Test
    mutating func `the latest version of each record is asked for`() {
        receipts.note(8, 3, at: .zero)
        receipts.note(7, 1, at: .zero)
        receipts.note(7, 2, at: .zero)
        begin([NodeID(1)])
        let versions = [Frame.Version(key: 7, sequence: 2), Frame.Version(key: 8, sequence: 3)]
        #expect(asked(at: .zero).map(\.frame) == [.inquiry(1, versions)])
    }

    @Test
    mutating func `what was signed long ago is asked for no more`() {
        receipts.note(7, 1, at: .zero)
        let late = Instant.zero + Receipts.memory
        begin([NodeID(1)], at: late)
        #expect(receipts.finished(at: late).first?.spread.seen == [NodeID(1)])
    }

    @Test
    mutating func `what is deleted already is asked for no more`() {
        receipts.note(7, 1, at: .zero)
        receipts.begin(Ticket(1), members: [NodeID(1)], within: patience, at: .zero) { _ in false }
        #expect(receipts.finished(at: .zero).first?.spread.missing == [])
    }

    @Test
    mutating func `what is deleted while members are asked keeps nobody waiting`() {
        receipts.note(7, 1, at: .zero)
        begin([NodeID(1)])
        #expect(asked(at: .zero).count == 1)
        #expect(receipts.questions(at: time(25)) { _ in false }.isEmpty)
        #expect(receipts.finished(at: time(25)).first?.spread.seen == [NodeID(1)])
    }

    @Test
    mutating func `a member that is silent is asked again, less and less often`() {
        receipts.note(7, 1, at: .zero)
        begin([NodeID(1)])
        var times: [Int64] = []
        while times.count < 8 {
            let due = receipts.nextDeadline
            guard due < .zero + patience, asked(at: due).count == 1 else { break }
            times.append((due - .zero).wholeMilliseconds)
        }
        #expect(times == [0, 25, 75, 175, 375, 775, 1575])
        #expect(receipts.finished(at: time(1999)).isEmpty)
        let spread = receipts.finished(at: time(2000)).first?.spread
        #expect(spread == Spread(seen: [], missing: [NodeID(1)], time: patience))
    }

    @Test
    mutating func `who has answered is not asked again`() {
        receipts.note(7, 1, at: .zero)
        begin([NodeID(1), NodeID(2)])
        #expect(asked(at: .zero).map(\.member) == [NodeID(1), NodeID(2)])
        let isComplete = receipts.take(1, from: NodeID(1))
        #expect(!isComplete)
        #expect(asked(at: time(25)).map(\.member) == [NodeID(2)])
    }

    @Test
    mutating func `the last receipt ends it, and one more changes nothing`() {
        receipts.note(7, 1, at: .zero)
        begin([NodeID(1), NodeID(2)])
        for member in [NodeID(2), NodeID(2), NodeID(1)] { _ = receipts.take(1, from: member) }
        let stranger = receipts.take(1, from: NodeID(3))
        #expect(stranger)
        let spread = receipts.finished(at: time(380)).first?.spread
        #expect(
            spread
                == Spread(seen: [NodeID(1), NodeID(2)], missing: [], time: .milliseconds(380))
        )
    }

    @Test
    mutating func `more than 64 records are asked for in parts, and all parts must be held`() {
        for key in 1...150 { receipts.note(UInt64(key), 1, at: .zero) }
        begin([NodeID(1)])
        let frames = asked(at: .zero).map(\.frame)
        let counts = frames.map { frame -> Int in
            if case .inquiry(_, let versions) = frame { versions.count } else { 0 }
        }
        #expect(counts == [64, 64, 22])
        let first = receipts.take(1, from: NodeID(1))
        let third = receipts.take(3, from: NodeID(1))
        #expect(!first && !third)
        #expect(numbers(at: time(25)) == [2])
        let second = receipts.take(2, from: NodeID(1))
        #expect(second)
    }

    @Test
    mutating func `a receipt counts for the inquiry of its number only`() {
        receipts.note(7, 1, at: .zero)
        begin([NodeID(1)])
        receipts.note(7, 2, at: .zero)
        begin([NodeID(1)], ticket: 2)
        #expect(numbers(at: .zero) == [1, 2])
        _ = receipts.take(2, from: NodeID(1))
        #expect(receipts.finished(at: .zero).map(\.ticket) == [Ticket(2)])
        _ = receipts.take(1, from: NodeID(1))
        #expect(receipts.finished(at: .zero).map(\.ticket) == [Ticket(1)])
    }

    @Test
    mutating func `who holds the same store as this node has seen everything`() {
        for key in 1...150 { receipts.note(UInt64(key), 1, at: .zero) }
        begin([NodeID(1)])
        #expect(asked(at: .zero).count == 3)
        receipts.agree(with: NodeID(1), at: time(3))
        #expect(receipts.nextDeadline == time(3))
        #expect(receipts.finished(at: time(3)).first?.spread.seen == [NodeID(1)])
    }

    @Test
    mutating func `nobody waits for a member that died`() {
        receipts.note(7, 1, at: .zero)
        begin([NodeID(1), NodeID(2)])
        _ = receipts.take(1, from: NodeID(1))
        receipts.keepWaiting(for: [])
        let spread = receipts.finished(at: time(5)).first?.spread
        #expect(spread == Spread(seen: [NodeID(1)], missing: [], time: .milliseconds(5)))
    }

    @Test
    mutating func `thousands are asked in bursts, and each once a round`() {
        receipts.note(7, 1, at: .zero)
        let members = (1...600).map { NodeID(UInt128($0)) }
        begin(members)
        var asks: [(Int64, [NodeID])] = []
        while asks.count < 4 {
            let due = receipts.nextDeadline
            asks.append(((due - .zero).wholeMilliseconds, asked(at: due).map(\.member)))
        }
        #expect(asks.map(\.0) == [0, 10, 20, 45])
        #expect(asks.map(\.1.count) == [256, 256, 88, 256])
        #expect(asks[0].1 + asks[1].1 + asks[2].1 == members)
    }

    @Test
    mutating func `one inquiry too many ends the oldest with what is known`() {
        receipts.note(7, 1, at: .zero)
        for ticket in 0..<Receipts.maximumPending { begin([NodeID(1)], ticket: UInt64(ticket)) }
        #expect(receipts.finished(at: .zero).isEmpty)
        begin([NodeID(1)], ticket: 99)
        let done = receipts.finished(at: .zero)
        #expect(done.map(\.ticket) == [Ticket(0)])
        #expect(done.first?.spread.missing == [NodeID(1)])
    }

    @Test
    mutating func `given up means answered with what is known`() {
        receipts.note(7, 1, at: .zero)
        begin([NodeID(1), NodeID(2)])
        _ = receipts.take(1, from: NodeID(2))
        receipts.giveUp(at: time(9))
        let spread = receipts.finished(at: time(9)).first?.spread
        #expect(
            spread
                == Spread(seen: [NodeID(2)], missing: [NodeID(1)], time: .milliseconds(9))
        )
    }
}
