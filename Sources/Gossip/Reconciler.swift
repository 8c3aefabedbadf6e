import Registry
import Vocabulary

/// The memory of a reconciliation: with whom, since when, and when to look again.
///
/// The exchange itself needs none; whoever answers remembers nothing.
struct Reconciler: Sendable {
    /// The one reconciliation this node has begun.
    struct Session: Sendable {
        let peer: NodeID
        var rounds: Int
        /// When to ask the peer for its digest again.
        var followUpAt: Instant
    }

    private(set) var session: Session?
    /// When a digest first differed, of those that differ since.
    private var divergedSince: Instant?
    private var notBefore = Instant.zero
    /// When the store changed last.
    var lastChange = Instant.zero

    /// A step is over when nothing of it can be on its way any more.
    private static let stepTime = Duration.milliseconds(200)

    var nextDeadline: Instant { session?.followUpAt ?? .never }

    /// Takes note of a digest that agrees.
    mutating func agree(with peer: NodeID) {
        divergedSince = nil
        if session?.peer == peer { session = nil }
    }

    /// Takes note of a digest that differs, and says whether to begin now: what is on its way
    /// anyway should not be fetched twice.
    mutating func shouldBegin(at now: Instant, settings: NodeSettings) -> Bool {
        let since = divergedSince ?? now
        divergedSince = since
        guard session == nil, now >= notBefore else { return false }
        return now >= lastChange + settings.quietTime || now >= since + settings.divergencePatience
    }

    /// Takes a session up; after it the next one waits for `rest` before it may begin.
    mutating func begin(with peer: NodeID, at now: Instant, rounds: Int, rest: Duration) {
        session = Session(peer: peer, rounds: rounds, followUpAt: now + Self.stepTime)
        notBefore = now + rest
    }

    /// Uses up a round.
    ///
    /// - Returns: Whether there was one left with this peer.
    mutating func step(with peer: NodeID, at now: Instant) -> Bool {
        guard var current = session, current.peer == peer else { return false }
        guard current.rounds > 0 else {
            session = nil
            return false
        }
        current.rounds -= 1
        current.followUpAt = now + Self.stepTime
        session = current
        return true
    }

    /// The peer has no time, or does not answer.
    mutating func giveUp(_ peer: NodeID, at now: Instant) {
        if session?.peer == peer { session = nil }
    }
}
