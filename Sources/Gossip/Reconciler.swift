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
        /// When it is somebody else's turn, whatever the peer still has to say.
        let end: Instant
    }

    private(set) var session: Session?
    /// Whole subtrees that are being pulled, as a part of the session.
    var bulk: Bulk?
    /// When a digest first differed, of those that differ since.
    private var divergedSince: Instant?
    private var notBefore = Instant.zero
    /// Who had all the time there is and does not agree: others come first for a while.
    private var exhausted: (peer: NodeID, until: Instant)?
    /// When the store changed last.
    var lastChange = Instant.zero
    /// Whose reconciliations are answered, and until when nothing more of them is expected.
    private var guests: [(peer: NodeID, until: Instant)] = []

    /// A step is over when nothing of it can be on its way any more.
    private static let stepTime = Duration.milliseconds(200)
    /// Nothing more of a step comes so long after the last of it.
    private static let lull = Duration.milliseconds(50)
    /// A session lasts no longer, though something comes all the time.
    private static let longest = Duration.seconds(30)
    /// For so long after that nothing is begun with its peer.
    private static let pause = Duration.seconds(10)
    /// A guest that says nothing for so long has done.
    private static let guestTime = Duration.milliseconds(500)

    var nextDeadline: Instant {
        guard let session else { return bulk?.nextDeadline ?? .never }
        return min(session.end, bulk?.nextDeadline ?? session.followUpAt)
    }

    /// Takes note of a digest that agrees.
    mutating func agree(with peer: NodeID) {
        divergedSince = nil
        if session?.peer == peer { end() }
    }

    /// Ends what has lasted too long.
    ///
    /// - Returns: Whether there was such a one.
    mutating func endOverdue(at now: Instant) -> Bool {
        guard let session, now >= session.end else { return false }
        exhausted = (session.peer, now + Self.pause)
        end()
        return true
    }

    private mutating func end() {
        session = nil
        bulk = nil
    }

    /// Takes note of a digest that differs, and says whether to begin now: what is on its way
    /// anyway should not be fetched twice.
    ///
    /// - Parameters:
    ///   - peer: Whose digest it is.
    ///   - isNewcomer: Whether this node has agreed with nobody yet: then nothing is on its way.
    ///   - now: The time.
    ///   - settings: How long to wait.
    /// - Returns: Whether to begin.
    mutating func shouldBegin(
        with peer: NodeID,
        asNewcomer isNewcomer: Bool,
        at now: Instant,
        settings: NodeSettings
    ) -> Bool {
        let since = divergedSince ?? now
        divergedSince = since
        guard session == nil, now >= notBefore else { return false }
        if let exhausted, exhausted.peer == peer, now < exhausted.until { return false }
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
            followUpAt: now + Self.stepTime(roundTrip),
            end: now + Self.longest
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
