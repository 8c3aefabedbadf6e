package import Vocabulary
import Wire

/// Who has seen what this node signed: the inquiries that are under way.
///
/// Digests say as much where nothing else changes anywhere; under steady change they are hardly
/// ever equal, so members are asked for the very records.
struct Receipts: Sendable {
    /// What was signed lately, by place in the trie.
    private var signed: [UInt64: Signed] = [:]
    /// Oldest first.
    private(set) var pending: [Inquiry] = []
    private var lastNumber: UInt32 = 0

    private struct Signed: Sendable {
        let sequence: UInt64
        let at: Instant
    }

    /// What was signed so long ago belongs to no question that is asked now: a batch of ten
    /// thousand wishes takes seconds to reach a slow disk.
    static let memory = Duration.seconds(30)
    /// Twice the slots that an author can have; what is signed beyond is not asked for.
    private static let maximumSigned = 32_768
    /// When there is one more, the oldest is answered with what is known.
    static let maximumPending = 64
    /// Between the first two times that a member is asked; doubles each time.
    static let firstGap = Duration.milliseconds(25)
    static let longestGap = Duration.milliseconds(800)
    /// Questions asked at once, so that the answers of thousands find room in a socket's buffer.
    static let burst = 256
    /// Between two bursts of one round.
    static let burstGap = Duration.milliseconds(10)

    /// Takes note of a record of this node.
    mutating func note(_ key: UInt64, _ sequence: UInt64, at now: Instant) {
        if signed.count >= Self.maximumSigned { forget(at: now) }
        guard signed.count < Self.maximumSigned || signed[key] != nil else { return }
        signed[key] = Signed(sequence: sequence, at: now)
    }

    private mutating func forget(at now: Instant) {
        signed = signed.filter { now < $0.value.at + Self.memory }
    }

    /// Begins to ask members for all that was signed lately and is still in force.
    mutating func begin(
        _ ticket: Ticket,
        members: [NodeID],
        within patience: Duration,
        at now: Instant,
        holds: (Frame.Version) -> Bool
    ) {
        forget(at: now)
        var versions: [Frame.Version] = []
        for key in signed.keys.sorted() {
            guard let sequence = signed[key]?.sequence else { continue }
            let version = Frame.Version(key: key, sequence: sequence)
            if holds(version) { versions.append(version) }
        }
        if pending.count >= Self.maximumPending { pending[0].deadline = now }
        let inquiry = Inquiry(
            ticket,
            members: members.sorted(),
            versions: versions,
            after: lastNumber,
            at: now,
            until: now + patience
        )
        lastNumber = lastNumber &+ UInt32(truncatingIfNeeded: inquiry.parts.count)
        pending.append(inquiry)
    }

    /// Takes a member's word for a part.
    ///
    /// - Returns: Whether an inquiry is answered by all now.
    mutating func take(_ number: UInt32, from member: NodeID) -> Bool {
        var isComplete = false
        for index in pending.indices {
            pending[index].take(number, from: member)
            isComplete = isComplete || pending[index].isComplete
        }
        return isComplete
    }

    /// Takes note that a member's whole store is equal to this node's.
    mutating func agree(with member: NodeID, at now: Instant) {
        for index in pending.indices {
            pending[index].agree(with: member)
            // Looked at without delay.
            if pending[index].isComplete { pending[index].askAt = now }
        }
    }

    /// Waits only for those who live: who died or left meanwhile has neither seen it nor not.
    mutating func keepWaiting(for living: Set<NodeID>) {
        for index in pending.indices { pending[index].keepWaiting(for: living) }
    }

    /// Gives up all inquiries: what they ask for is in force no more.
    mutating func giveUp(at now: Instant) {
        signed = [:]
        for index in pending.indices { pending[index].deadline = now }
    }

    var nextDeadline: Instant {
        pending.map { min($0.askAt, $0.deadline) }.min() ?? .never
    }

    /// What must be asked now; what is no more in force, by `holds`, is asked for no more.
    mutating func questions(
        at now: Instant,
        holds: (Frame.Version) -> Bool
    ) -> [(member: NodeID, frame: Frame)] {
        var questions: [(member: NodeID, frame: Frame)] = []
        for index in pending.indices where now >= pending[index].askAt {
            questions += pending[index].ask(at: now, holds: holds)
        }
        return questions
    }

    /// Takes out the inquiries that are answered by all, or have waited long enough.
    mutating func finished(at now: Instant) -> [(ticket: Ticket, spread: Spread)] {
        let done = pending.filter { $0.isComplete || now >= $0.deadline }
        pending.removeAll { $0.isComplete || now >= $0.deadline }
        return done.map { ($0.ticket, $0.spread(at: now)) }
    }
}

/// How far this node's latest changes have come.
package struct Spread: Hashable, Sendable {
    /// The living members that hold them, this node not among them; rising.
    package let seen: [NodeID]
    /// The living members that did not say so in time; rising.
    package let missing: [NodeID]
    package let time: Duration

    package init(seen: [NodeID], missing: [NodeID], time: Duration) {
        self.seen = seen
        self.missing = missing
        self.time = time
    }
}
