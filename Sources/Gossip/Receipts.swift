package import Vocabulary
import Wire

/// Who has seen what this node signed: the inquiries that are under way.
///
/// Digests say as much where nothing else changes anywhere; under steady change they are hardly
/// ever equal, so members are asked for the very records.
struct Receipts: Sendable {
    /// What was signed lately, oldest first.
    private var signed: [(version: Frame.Version, at: Instant)] = []
    /// Oldest first.
    private(set) var pending: [Inquiry] = []
    private var lastNumber: UInt32 = 0

    /// One question to all living members, in as many parts as it needs.
    struct Inquiry: Sendable {
        let ticket: Ticket
        let startedAt: Instant
        let deadline: Instant
        /// By number of the part.
        let parts: [(number: UInt32, versions: [Frame.Version])]
        /// Members that lack a receipt, rising, and for which parts.
        var missing: [(member: NodeID, parts: [UInt32])]
        var seen: [NodeID] = []
        var askAt: Instant
        var gap = Receipts.firstGap
    }

    /// What was signed so long ago belongs to no question that is asked now.
    private static let memory = Duration.seconds(5)
    private static let maximumSigned = 16_384
    /// Between the first two times that a member is asked; doubles each time.
    static let firstGap = Duration.milliseconds(25)
    static let longestGap = Duration.milliseconds(800)

    /// Takes note of a record of this node.
    mutating func note(_ key: UInt64, _ sequence: UInt64, at now: Instant) {
        signed.removeAll { now >= $0.at + Self.memory || $0.version.key == key }
        guard signed.count < Self.maximumSigned else { return }
        signed.append((Frame.Version(key: key, sequence: sequence), now))
    }

    /// Begins to ask members for all that was signed lately.
    mutating func begin(
        _ ticket: Ticket,
        members: [NodeID],
        within patience: Duration,
        at now: Instant
    ) {
        let versions = signed.filter { now < $0.at + Self.memory }.map(\.version)
        let starts = stride(from: 0, to: versions.count, by: Frame.maximumVersions)
        let parts = starts.map { start -> (number: UInt32, versions: [Frame.Version]) in
            lastNumber &+= 1
            return (lastNumber, Array(versions[start...].prefix(Frame.maximumVersions)))
        }
        pending.append(
            Inquiry(
                ticket: ticket,
                startedAt: now,
                deadline: now + patience,
                parts: parts,
                missing: members.sorted().map { ($0, parts.map(\.number)) },
                askAt: now
            )
        )
    }

    /// Takes a member's word for a part.
    mutating func take(_ number: UInt32, from member: NodeID) {
        for index in pending.indices {
            guard let place = pending[index].missing.firstIndex(where: { $0.member == member })
            else { continue }
            pending[index].missing[place].parts.removeAll { $0 == number }
        }
    }

    /// Takes note that a member's whole store is equal to this node's.
    mutating func agree(with member: NodeID) {
        for index in pending.indices {
            guard let place = pending[index].missing.firstIndex(where: { $0.member == member })
            else { continue }
            pending[index].missing[place].parts = []
        }
    }

    var nextDeadline: Instant {
        pending.map { min($0.askAt, $0.deadline) }.min() ?? .never
    }

    /// What must be asked now.
    mutating func questions(at now: Instant) -> [(member: NodeID, frame: Frame)] {
        var questions: [(member: NodeID, frame: Frame)] = []
        for index in pending.indices where now >= pending[index].askAt {
            let inquiry = pending[index]
            for (member, numbers) in inquiry.missing {
                for part in inquiry.parts where numbers.contains(part.number) {
                    questions.append((member, .inquiry(part.number, part.versions)))
                }
            }
            pending[index].askAt = now + inquiry.gap
            pending[index].gap = min(inquiry.gap * 2, Self.longestGap)
        }
        return questions
    }

    /// Takes out the inquiries that are answered by all, or have waited long enough.
    mutating func finished(at now: Instant) -> [(ticket: Ticket, spread: Spread)] {
        for index in pending.indices {
            let seen = pending[index].missing.filter(\.parts.isEmpty).map(\.member)
            pending[index].seen += seen
            pending[index].missing.removeAll(where: \.parts.isEmpty)
        }
        let done = pending.filter { $0.missing.isEmpty || now >= $0.deadline }
        pending.removeAll { $0.missing.isEmpty || now >= $0.deadline }
        return done.map { inquiry in
            let spread = Spread(
                seen: inquiry.seen.sorted(),
                missing: inquiry.missing.map(\.member),
                time: now - inquiry.startedAt
            )
            return (inquiry.ticket, spread)
        }
    }
}

/// How far this node's latest changes have come.
package struct Spread: Hashable, Sendable {
    /// The living members that hold them, this node not among them; rising.
    package let seen: [NodeID]
    /// The living members that did not say so in time; rising.
    package let missing: [NodeID]
    package let time: Duration
}
