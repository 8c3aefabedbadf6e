import Testing
import Vocabulary

@testable import Gossip

/// With whom this node compares, and for how long.
struct ReconcilerTests {
    private let first = NodeID(1)
    private let second = NodeID(2)

    @Test func `who only ever says a little more keeps nobody else from being compared with`() {
        var reconciler = Reconciler()
        var now = Instant.zero
        reconciler.begin(with: first, at: now, rounds: 12, roundTrip: nil, rest: .seconds(1))
        while reconciler.session != nil, now < .zero + .seconds(120) {
            now = now + .milliseconds(40)
            reconciler.progress(with: first, at: now, roundTrip: nil)
            if now >= reconciler.nextDeadline, !reconciler.endOverdue(at: now) {
                _ = reconciler.step(with: first, at: now, roundTrip: nil)
            }
        }
        #expect(reconciler.session == nil)
        // Now it is the others' turn.
        let again = reconciler.shouldBegin(
            with: first,
            asNewcomer: true,
            at: now,
            settings: NodeSettings()
        )
        let other = reconciler.shouldBegin(
            with: second,
            asNewcomer: true,
            at: now,
            settings: NodeSettings()
        )
        #expect(!again)
        #expect(other)
    }
}
