import Membership
import Vocabulary

/// Whether datagrams of the full size reach the others: one member after the other is sent a hello
/// of that size, and asked for a small answer.
struct SizeCheck: Sendable {
    /// The check that is under way.
    struct Look: Sendable {
        let peer: NodeID
        var sentAt: Instant
        var tries = 1
        /// Whether the peer answered something small meanwhile: then it is the size.
        var isAnswered = false
    }

    private(set) var look: Look?
    private(set) var nextAt: Instant
    /// Whose turn it was last.
    private var cursor: NodeID?
    /// Members that were met just now, and were not looked at since.
    private(set) var fresh: [NodeID] = []
    /// Members that large packets do not reach, and when to look again.
    private var lost: [NodeID: Instant] = [:]

    /// Between two checks: 1,372 bytes each are 23 a second.
    static let gap = Duration.seconds(60)
    /// A peer that we meet or reconcile with is looked at sooner.
    static let eagerGap = Duration.seconds(3)
    private static let answerTime = Duration.seconds(2)
    /// Of twenty datagrams one is lost, and one try in ten: five in a row are no accident.
    private static let tries = 5
    private static let limit = 16

    /// Takes note that a member was met: it is looked at before the others, as far as there is room.
    mutating func expect(_ peer: NodeID) {
        if fresh.count < Self.limit, !fresh.contains(peer) { fresh.append(peer) }
    }

    /// While a node begins, it has enough to do.
    private static let firstGap = Duration.seconds(10)

    init(at now: Instant) { nextAt = now + Self.firstGap + (Self.gap - Self.eagerGap) }

    /// Members that large packets do not reach, rising.
    var losers: [NodeID] { lost.keys.sorted() }

    /// Whose turn it is; `wanted` is somebody there is a reason to look at.
    mutating func next(of present: NodeSet, wanted: NodeID?, at now: Instant) -> NodeID? {
        guard look == nil else { return nil }
        if let wanted, now + (Self.gap - Self.eagerGap) >= nextAt, lost[wanted] == nil {
            return wanted
        }
        guard now >= nextAt, !present.isEmpty else { return nil }
        for id in losers {
            if let again = lost[id], now >= again { return id }
        }
        var (place, end) = (0, present.count)
        while let cursor, place < end {
            let middle = (place + end) / 2
            if present[middle] <= cursor { place = middle + 1 } else { end = middle }
        }
        cursor = present[place % present.count]
        return cursor
    }

    mutating func begin(_ peer: NodeID, at now: Instant) {
        fresh.removeAll { $0 == peer }
        look = Look(peer: peer, sentAt: now)
        nextAt = now + Self.gap
    }

    /// An answer to a hello came.
    mutating func noteAnswer(of peer: NodeID) {
        lost[peer] = nil
        if look?.peer == peer { look = nil }
    }

    /// Something small was answered: it does arrive there, and something comes back.
    mutating func noteSmallAnswer(of peer: NodeID) {
        if look?.peer == peer { look?.isAnswered = true }
    }

    /// Lets the other go first where two look at each other: none answers a hello so soon after
    /// one of its own.
    mutating func giveWay(to peer: NodeID) {
        guard look?.peer == peer else { return }
        look = nil
        expect(peer)
    }

    /// What to do about a look without an answer.
    ///
    /// - Returns: Whether to ask once more.
    mutating func advance(at now: Instant) -> Bool {
        guard var current = look, now >= current.sentAt + Self.answerTime else { return false }
        guard current.tries >= Self.tries else {
            current.tries += 1
            current.sentAt = now
            look = current
            return true
        }
        look = nil
        // Of whom nothing arrives at all nothing can be said.
        guard current.isAnswered else { return false }
        if lost[current.peer] != nil || lost.count < Self.limit {
            lost[current.peer] = now + Self.gap
        }
        return false
    }

    mutating func forget(_ peer: NodeID) {
        lost[peer] = nil
        fresh.removeAll { $0 == peer }
        if look?.peer == peer { look = nil }
    }
}
