import Membership
import Testing
import Vocabulary
import Wire

@testable import Gossip

/// Words against members on their way to others.
struct WordLineTests {
    private func word(_ number: UInt8) -> SignedAccusation {
        let accusation = Accusation(
            accuser: NodeID(UInt128(number)),
            subject: NodeID(0),
            version: MemberVersion(incarnation: 1, sequence: 1)
        )
        return SignedAccusation(accusation, signature: [UInt8](repeating: number, count: 64))
    }

    @Test func `the first word leaves at once, and those that follow soon wait for each other`() {
        var line = WordLine()
        let start = Instant.zero + .seconds(7)
        line.put(word(1), from: nil)
        #expect(line.nextDeadline <= start)
        #expect(line.take(at: start).map(\.word) == [word(1)])
        #expect(line.nextDeadline == .never)

        line.put(word(2), from: nil)
        line.put(word(3), from: nil)
        #expect(line.nextDeadline == start + WordLine.coalescing)
        #expect(line.take(at: start + WordLine.coalescing).map(\.word) == [word(2), word(3)])
        #expect(line.count == 0)
    }

    @Test func `what finds no room is counted once`() {
        var line = WordLine()
        for _ in 0..<(WordLine.maximumCount + 3) { line.put(word(1), from: nil) }
        let dropped = line.takeDropped()
        let more = line.takeDropped()
        #expect(line.count == WordLine.maximumCount)
        #expect(dropped == 3)
        #expect(more == 0)
    }
}
