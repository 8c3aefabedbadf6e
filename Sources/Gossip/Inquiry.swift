import Vocabulary
import Wire

/// One question to all living members, in as many parts as it needs, asked until each has said
/// that it holds all of them.
struct Inquiry: Sendable {
    let ticket: Ticket
    let startedAt: Instant
    var deadline: Instant
    /// When somebody must be asked again.
    var askAt: Instant
    private(set) var parts: [Part]
    /// The numbers of the parts of which a member has not spoken yet.
    private var waiting: [NodeID: [UInt32]] = [:]
    private var seen: [NodeID] = []
    /// What this round has still to ask, in order.
    private var unasked: [(member: NodeID, number: UInt32)] = []
    private var gap = Receipts.firstGap

    struct Part: Sendable {
        let number: UInt32
        var versions: [Frame.Version]
    }

    /// - Parameters:
    ///   - ticket: Whose answer it is.
    ///   - members: Whom to ask, rising.
    ///   - versions: What to ask for; where there is nothing, all have seen it.
    ///   - last: The last number that was given to a part of any inquiry.
    ///   - now: When it begins.
    ///   - deadline: When it ends at the latest.
    init(
        _ ticket: Ticket,
        members: [NodeID],
        versions: [Frame.Version],
        after last: UInt32,
        at now: Instant,
        until deadline: Instant
    ) {
        self.ticket = ticket
        self.deadline = deadline
        startedAt = now
        askAt = now
        parts = []
        for start in stride(from: 0, to: versions.count, by: Frame.maximumVersions) {
            let number = last &+ UInt32(truncatingIfNeeded: parts.count + 1)
            let some = Array(versions[start...].prefix(Frame.maximumVersions))
            parts.append(Part(number: number, versions: some))
        }
        let numbers = parts.map(\.number)
        if parts.isEmpty { seen = members }
        if !parts.isEmpty { for member in members { waiting[member] = numbers } }
    }

    var isComplete: Bool { waiting.isEmpty }

    mutating func take(_ number: UInt32, from member: NodeID) {
        guard var rest = waiting[member] else { return }
        rest.removeAll { $0 == number }
        waiting[member] = rest
        if rest.isEmpty { agree(with: member) }
    }

    /// A member holds everything.
    mutating func agree(with member: NodeID) {
        if waiting.removeValue(forKey: member) != nil { seen.append(member) }
    }

    mutating func keepWaiting(for living: Set<NodeID>) {
        for member in waiting.keys.sorted() where !living.contains(member) {
            waiting[member] = nil
        }
    }

    /// The next few questions of this round; another round begins a longer while after.
    mutating func ask(
        at now: Instant,
        holds: (Frame.Version) -> Bool
    ) -> [(member: NodeID, frame: Frame)] {
        if unasked.isEmpty { beginRound(holds) }
        let few = unasked.prefix(Receipts.burst)
        unasked.removeFirst(few.count)
        if unasked.isEmpty {
            askAt = now + gap
            gap = min(gap * 2, Receipts.longestGap)
        } else {
            askAt = now + Receipts.burstGap
        }
        var questions: [(member: NodeID, frame: Frame)] = []
        for (member, number) in few where waiting[member]?.contains(number) == true {
            guard let part = parts.first(where: { $0.number == number }) else { continue }
            questions.append((member, .inquiry(number, part.versions)))
        }
        return questions
    }

    private mutating func beginRound(_ holds: (Frame.Version) -> Bool) {
        for index in parts.indices { parts[index].versions.removeAll { !holds($0) } }
        let void = parts.filter(\.versions.isEmpty).map(\.number)
        parts.removeAll(where: \.versions.isEmpty)
        for member in waiting.keys.sorted() {
            for number in void { take(number, from: member) }
            for number in waiting[member] ?? [] { unasked.append((member, number)) }
        }
    }

    func spread(at now: Instant) -> Spread {
        Spread(seen: seen.sorted(), missing: waiting.keys.sorted(), time: now - startedAt)
    }
}
