import Registry
import Vocabulary

/// The memory of reconciliations: with whom this node has one, when to look again, and whose it
/// answers.
///
/// The exchange itself needs none.
struct Reconciler: Sendable {
    /// The one reconciliation this node has begun.
    struct Session: Sendable {
        let peer: NodeID
        var rounds: Int
        /// When to ask the peer for its digest again.
        var followUpAt: Instant
    }

    private(set) var session: Session?
    /// Whole subtrees that are being pulled, as a part of the session.
    var bulk: Bulk?
    /// When a digest first differed, of those that differ since.
    private var divergedSince: Instant?
    private var notBefore = Instant.zero
    /// When the store changed last.
    var lastChange = Instant.zero
    /// Whose reconciliations are answered, and until when nothing more of them is expected.
    private var guests: [(peer: NodeID, until: Instant)] = []

    /// A step is over when nothing of it can be on its way any more.
    private static let stepTime = Duration.milliseconds(200)
    /// Nothing more of a step comes so long after the last of it.
    private static let lull = Duration.milliseconds(50)
    /// A guest that says nothing for so long has done.
    private static let guestTime = Duration.milliseconds(500)

    var nextDeadline: Instant {
        guard let bulk else { return session?.followUpAt ?? .never }
        return bulk.nextDeadline
    }

    /// Takes note of a digest that agrees.
    mutating func agree(with peer: NodeID) {
        divergedSince = nil
        if session?.peer == peer { end() }
    }

    private mutating func end() {
        session = nil
        bulk = nil
    }

    /// Takes note of a digest that differs, and says whether to begin now: what is on its way
    /// anyway should not be fetched twice.
    ///
    /// - Parameters:
    ///   - isNewcomer: Whether this node has agreed with nobody yet: then nothing is on its way.
    ///   - now: The time.
    ///   - settings: How long to wait.
    /// - Returns: Whether to begin.
    mutating func shouldBegin(
        asNewcomer isNewcomer: Bool,
        at now: Instant,
        settings: NodeSettings
    ) -> Bool {
        let since = divergedSince ?? now
        divergedSince = since
        guard session == nil, now >= notBefore else { return false }
        return isNewcomer || now >= lastChange + settings.quietTime
            || now >= since + settings.divergencePatience
    }

    /// Takes a session up; after it the next one waits for `rest` before it may begin.
    mutating func begin(
        with peer: NodeID,
        at now: Instant,
        rounds: Int,
        roundTrip: Duration?,
        rest: Duration
    ) {
        session = Session(
            peer: peer,
            rounds: rounds,
            followUpAt: now + Self.stepTime(roundTrip)
        )
        notBefore = now + rest
    }

    /// Uses up a round.
    ///
    /// - Returns: Whether there was one left with this peer.
    mutating func step(with peer: NodeID, at now: Instant, roundTrip: Duration?) -> Bool {
        guard var current = session, current.peer == peer else { return false }
        guard current.rounds > 0 else {
            end()
            return false
        }
        current.rounds -= 1
        current.followUpAt = now + Self.stepTime(roundTrip)
        session = current
        return true
    }

    /// Something of the step came: what else there is will follow soon.
    mutating func progress(with peer: NodeID, at now: Instant, roundTrip: Duration?) {
        guard session?.peer == peer else { return }
        session?.followUpAt = now + max(Self.lull, (roundTrip ?? .zero) * 2)
    }

    private static func stepTime(_ roundTrip: Duration?) -> Duration {
        max(stepTime, (roundTrip ?? .zero) * 3)
    }

    /// The peer has no time: nothing more is begun before it may have some.
    mutating func giveWay(to peer: NodeID, until end: Instant) {
        guard session?.peer == peer, bulk == nil else { return }
        session = nil
        notBefore = end
    }

    /// Whether a peer's reconciliation is answered now; if so, it is one of at most `limit`.
    mutating func mayServe(_ peer: NodeID, at now: Instant, limit: Int) -> Bool {
        if session?.peer == peer { return true }
        guests.removeAll { $0.until <= now || $0.peer == peer }
        guard guests.count < limit else { return false }
        guests.append((peer, now + Self.guestTime))
        return true
    }
}
