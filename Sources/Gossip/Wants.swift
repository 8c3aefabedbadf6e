import Vocabulary

/// Records that others have and this node lacks: each is asked for once at a time, of a peer that
/// has it, and of no peer more than it is asked to send at once.
struct Wants: Sendable {
    private struct Want: Sendable {
        /// Who has it and was not asked yet.
        var others: [NodeID] = []
        /// Whose turn it is.
        var source: NodeID
        /// When the answer is overdue; `nil` while it is not asked for.
        var overdue: Instant?
        /// How often the present source was asked.
        var tries = 0
        /// When it was first.
        var askedFrom = Instant.zero
    }

    private var wants: [UInt64: Want] = [:]
    /// What each peer is to be asked for.
    private var lines: [NodeID: Line<UInt64>] = [:]
    /// Who is to be asked for something, in order of their turn; nobody stands here twice.
    private var order: [NodeID] = []
    /// How much each peer was asked for and has not sent.
    private var asked: [NodeID: Int] = [:]
    /// What was asked for, in that order.
    private var questions = Line<(place: UInt64, overdue: Instant)>()
    private var dropped = 0

    /// What may be wanted at once; what is beyond it is found by digests later.
    static let maximumCount = 8192
    /// And of one peer: whoever says that it has what there is not leaves room for what others have.
    static let maximumOfOne = 4096
    /// Peers to ask for one record, one after another.
    static let maximumSources = 4
    /// Records one peer is asked for before it has answered: twenty datagrams' worth.
    static let window = 64
    /// How often one peer is asked for one record.
    static let maximumTries = 4
    /// The second try aside, no peer is asked again after this: it may be nobody's any more.
    static let persistence = Duration.milliseconds(400)
    /// An answer takes no longer than this, or a few round trips.
    static let patience = Duration.milliseconds(100)

    var count: Int { wants.count }

    /// Whether nobody is to be asked for anything.
    var isIdle: Bool { order.isEmpty }

    /// When an answer is overdue.
    var nextDeadline: Instant { questions.first?.overdue ?? .never }

    /// Whether a peer still owes something that it was asked for.
    func isWaiting(for peer: NodeID) -> Bool { asked[peer] != nil }

    /// Notes that a peer has what we lack.
    mutating func want(_ place: UInt64, from peer: NodeID) {
        if var want = wants[place] {
            guard want.source != peer, want.others.count + 1 < Self.maximumSources,
                !want.others.contains(peer)
            else { return }
            want.others.append(peer)
            wants[place] = want
            return
        }
        guard wants.count < Self.maximumCount, lines[peer]?.count ?? 0 < Self.maximumOfOne else {
            dropped += 1
            return
        }
        wants[place] = Want(source: peer)
        line(up: place, for: peer)
    }

    private mutating func line(up place: UInt64, for peer: NodeID) {
        if lines[peer] == nil { order.append(peer) }
        lines[peer, default: Line()].append(place)
    }

    /// Notes that a record came, whoever sent it and whether it was taken or not.
    mutating func arrived(_ place: UInt64) {
        guard let want = wants.removeValue(forKey: place), want.overdue != nil else { return }
        release(want.source)
    }

    /// Gives up what is wanted of a peer whose store equals ours: it has nothing that we lack, so
    /// what it told of is nobody's any more, or on its way from somebody else.
    mutating func settle(with peer: NodeID) {
        for place in wants.keys.sorted() {
            guard var want = wants[place] else { continue }
            if want.source == peer {
                turn(place, want, mayAskAgain: false)
            } else if let index = want.others.firstIndex(of: peer) {
                want.others.remove(at: index)
                wants[place] = want
            }
        }
    }

    private mutating func release(_ peer: NodeID) {
        guard let count = asked[peer] else { return }
        asked[peer] = count > 1 ? count - 1 : nil
    }

    /// What to ask now, and of whom.
    ///
    /// - Parameters:
    ///   - now: From which the patience counts.
    ///   - patience: How long a peer may take.
    /// - Returns: The places to ask each peer for.
    mutating func questions(
        at now: Instant,
        patience: (NodeID) -> Duration
    ) -> [(peer: NodeID, places: [UInt64])] {
        var all: [(peer: NodeID, places: [UInt64])] = []
        var rest: [NodeID] = []
        for peer in order {
            guard var line = lines[peer] else { continue }
            let overdue = now + max(Self.patience, patience(peer))
            var places: [UInt64] = []
            while let place = line.first, (asked[peer] ?? 0) < Self.window {
                line.removeFirst()
                guard var want = wants[place], want.source == peer, want.overdue == nil else {
                    continue
                }
                want.overdue = overdue
                if want.tries == 0 { want.askedFrom = now }
                want.tries += 1
                wants[place] = want
                asked[peer, default: 0] += 1
                questions.append((place, overdue))
                places.append(place)
            }
            lines[peer] = line.isEmpty ? nil : line
            if !line.isEmpty { rest.append(peer) }
            if !places.isEmpty { all.append((peer, places)) }
        }
        order = rest
        return all
    }

    /// Turns to the next who has it, where somebody did not answer in time.
    mutating func lookForOverdue(at now: Instant) {
        while let (place, overdue) = questions.first, overdue <= now {
            questions.removeFirst()
            guard let want = wants[place], want.overdue == overdue else { continue }
            let isLate = now >= want.askedFrom + Self.persistence
            let limit = isLate ? 2 : Self.maximumTries
            turn(place, want, mayAskAgain: want.tries < limit)
        }
    }

    private mutating func turn(_ place: UInt64, _ old: Want, mayAskAgain: Bool) {
        var want = old
        if want.overdue != nil { release(want.source) }
        want.overdue = nil
        if let next = want.others.first {
            // Who did not answer comes last, and not for ever.
            want.others.removeFirst()
            want.source = next
            want.tries = 0
        } else if !mayAskAgain {
            wants[place] = nil
            return
        }
        wants[place] = want
        line(up: place, for: want.source)
    }

    /// How much found no room since the last call.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}
