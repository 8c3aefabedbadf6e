import Registry
import Vocabulary
import Wire

/// Pulling one half of the registry from several members at once, subtree by subtree: for whoever
/// has so little that comparing would cost more than sending all.
///
/// Each member is asked for the next subtree when the last one came, so that the receiver sets the
/// pace.
struct Bulk: Sendable {
    /// What one member is asked for.
    private struct Lane: Sendable {
        let peer: NodeID
        var prefix: DigestTrie.Prefix
        var from: UInt64
        var overdue: Instant
        var tries = 1
    }

    let half: StoreHalf
    /// Names the questions of this pull.
    let salt: UInt64
    /// How many records the first member has: who has much less cannot take part.
    private let goal: Int
    private let patience: Duration
    private var prefixes: [DigestTrie.Prefix]
    private var lanes: [Lane] = []
    /// Who did not answer, or had no time.
    private var quitters: [NodeID] = []

    /// What was asked for comes within this time, or something of it.
    private static let patience = Duration.milliseconds(300)
    private static let maximumTries = 2
    /// Records that one subtree should have, more or less.
    private static let subtreeSize = 512

    /// - Parameters:
    ///   - half: Which half.
    ///   - goal: How many records there are to be had.
    ///   - salt: A fresh number.
    ///   - roundTrip: To the first member.
    init(_ half: StoreHalf, goal: Int, salt: UInt64, roundTrip: Duration?) {
        self.half = half
        self.goal = goal
        self.salt = salt
        patience = max(Self.patience, (roundTrip ?? .zero) * 3)
        prefixes = [.root]
        while goal / prefixes.count > Self.subtreeSize, prefixes.count < 256 {
            prefixes = prefixes.flatMap { prefix in (0..<16).compactMap(prefix.child) }
        }
    }

    var nextDeadline: Instant { lanes.map(\.overdue).min() ?? .zero }

    /// Whether nothing more comes of it.
    var isOver: Bool { lanes.isEmpty }

    /// Whether a member that has so many records may send a part of it.
    func welcomes(_ peer: NodeID, holding count: Int, lanes limit: Int) -> Bool {
        !prefixes.isEmpty && lanes.count < limit && count >= goal - goal / 10
            && !quitters.contains(peer) && !lanes.contains { $0.peer == peer }
    }

    /// The first or next question for a member, or `nil` where all was asked for.
    mutating func ask(_ peer: NodeID, at now: Instant) -> TreeFrame.Part? {
        guard !prefixes.isEmpty else { return nil }
        let prefix = prefixes.removeFirst()
        lanes.append(Lane(peer: peer, prefix: prefix, from: 0, overdue: now + patience))
        return .pull(prefix, from: 0)
    }

    /// Something came from a member.
    mutating func progress(with peer: NodeID, at now: Instant) {
        guard let index = lanes.firstIndex(where: { $0.peer == peer }) else { return }
        lanes[index].overdue = now + patience
    }

    /// A member has sent what it was asked for.
    ///
    /// - Returns: What to ask it for next.
    mutating func take(
        _ prefix: DigestTrie.Prefix,
        next: UInt64?,
        from peer: NodeID,
        at now: Instant
    ) -> TreeFrame.Part? {
        guard let index = lanes.firstIndex(where: { $0.peer == peer && $0.prefix == prefix })
        else { return nil }
        guard let next, next > lanes[index].from else {
            lanes.remove(at: index)
            return ask(peer, at: now)
        }
        lanes[index].from = next
        lanes[index].overdue = now + patience
        lanes[index].tries = 1
        return .pull(prefix, from: next)
    }

    /// Asks again where nothing came, or lets others do it.
    mutating func lookForOverdue(at now: Instant) -> [(peer: NodeID, part: TreeFrame.Part)] {
        var questions: [(peer: NodeID, part: TreeFrame.Part)] = []
        for lane in lanes where lane.overdue <= now {
            guard lane.tries < Self.maximumTries,
                let index = lanes.firstIndex(where: { $0.peer == lane.peer })
            else {
                quit(lane.peer)
                continue
            }
            lanes[index].tries += 1
            lanes[index].overdue = now + patience
            questions.append((lane.peer, .pull(lane.prefix, from: lane.from)))
        }
        return questions
    }

    /// A member does not take part any more.
    mutating func quit(_ peer: NodeID) {
        guard let index = lanes.firstIndex(where: { $0.peer == peer }) else { return }
        prefixes.append(lanes[index].prefix)
        lanes.remove(at: index)
        quitters.append(peer)
    }
}
