import Testing
import Vocabulary

@testable import Gossip

/// What others have is asked for once, of one after another.
struct WantsTests {
    private let first = NodeID(1)
    private let second = NodeID(2)

    private func ask(_ wants: inout Wants, at now: Instant) -> [NodeID: [UInt64]] {
        wants.lookForOverdue(at: now)
        let questions = wants.questions(at: now) { _ in .zero }
        return Dictionary(uniqueKeysWithValues: questions.map { ($0.peer, $0.places) })
    }

    @Test func `what two have is asked of the one that said so first`() {
        var wants = Wants()
        wants.want(7, from: first)
        wants.want(7, from: second)
        #expect(ask(&wants, at: .zero) == [first: [7]])
        wants.want(7, from: second)
        #expect(ask(&wants, at: .zero) == [:])
        wants.arrived(7)
        #expect(wants.count == 0)
        #expect(!wants.isWaiting(for: first))
    }

    @Test func `who does not answer is followed by the next who has it`() {
        var wants = Wants()
        wants.want(7, from: first)
        wants.want(7, from: second)
        _ = ask(&wants, at: .zero)
        let overdue = wants.nextDeadline
        #expect(overdue == Instant.zero + Wants.patience)
        #expect(ask(&wants, at: overdue) == [second: [7]])
        #expect(!wants.isWaiting(for: first))
    }

    @Test func `the only one who has it is asked four times, and then it is left to digests`() {
        var wants = Wants()
        wants.want(7, from: first)
        #expect(ask(&wants, at: .zero) == [first: [7]])
        for time in 1..<4 {
            #expect(ask(&wants, at: .zero + Wants.patience * time) == [first: [7]])
        }
        #expect(ask(&wants, at: .zero + Wants.patience * 4) == [:])
        #expect(wants.count == 0)
        #expect(wants.nextDeadline == .never)
    }

    @Test func `a peer whose store equals ours is asked for nothing any more`() {
        var wants = Wants()
        wants.want(7, from: first)
        wants.want(8, from: first)
        wants.want(8, from: second)
        _ = ask(&wants, at: .zero)
        wants.settle(with: first)
        #expect(!wants.isWaiting(for: first))
        #expect(ask(&wants, at: .zero) == [second: [8]])
        wants.settle(with: second)
        #expect(wants.count == 0)
    }

    @Test func `nobody is asked for more than a window before it has answered`() {
        var wants = Wants()
        for place in 0..<UInt64(200) { wants.want(place, from: first) }
        #expect(ask(&wants, at: .zero)[first]?.count == Wants.window)
        #expect(ask(&wants, at: .zero) == [:])
        for place in 0..<UInt64(10) { wants.arrived(place) }
        #expect(ask(&wants, at: .zero)[first]?.count == 10)
    }

    @Test(arguments: Seed.sweep(20))
    func `whatever comes and does not, all of it ends, and nothing is owed`(seed: Seed) {
        var random = RandomStream(seed, "wants")
        var wants = Wants()
        var asked: [UInt64] = []
        var now = Instant.zero
        for _ in 0..<2000 {
            now = now + .milliseconds(random.below(5))
            wants.want(UInt64(random.below(400)), from: NodeID(UInt128(random.below(6)) + 1))
            for places in ask(&wants, at: now).values { asked += places }
            if let place = random.pick(asked), random.chance(1, in: 2) { wants.arrived(place) }
        }
        for _ in 0..<100 {
            now = now + Wants.patience
            _ = ask(&wants, at: now)
        }
        #expect(wants.count == 0)
        #expect(wants.nextDeadline == .never)
        for number in 1...6 { #expect(!wants.isWaiting(for: NodeID(UInt128(number)))) }
    }

    @Test func `what one peer says that it has leaves room for what others have`() {
        var wants = Wants()
        for place in 0..<UInt64(Wants.maximumCount) { wants.want(place, from: first) }
        wants.want(.max, from: second)
        #expect(ask(&wants, at: .zero)[second] == [.max])
    }

    @Test func `what has no room is dropped and counted`() {
        var wants = Wants()
        for place in 0..<UInt64(Wants.maximumCount + 3) {
            wants.want(place, from: NodeID(UInt128(place % 3) + 1))
        }
        #expect(wants.count == Wants.maximumCount)
        let dropped = wants.takeDropped()
        #expect(dropped == 3)
    }
}
