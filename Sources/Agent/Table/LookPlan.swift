import Vocabulary

/// When the kernel is read and compared: soon after a sign that somebody changed it, and now and
/// then without one.
///
/// Our own writes give signs as well, so that each is read back.
struct LookPlan: Sendable {
    /// How often without a sign.
    static let period = Duration.seconds(10)
    /// Reading takes at most a fifth of the time, however often somebody else writes.
    static let share = 4
    /// With a sign, reading waits no longer than this.
    static let longestGap = Duration.milliseconds(700)

    /// The first sign since the last look began.
    private var askedAt: Instant?
    private var endedAt: Instant?
    private var cost = Duration.zero

    /// There is a sign that somebody changed the rules.
    mutating func ask(at now: Instant) {
        if askedAt == nil { askedAt = now }
    }

    /// When to look next; at once where nobody looked yet.
    var nextDeadline: Instant {
        guard let endedAt else { return .zero }
        let gap = min(cost * Self.share, Self.longestGap)
        return askedAt == nil ? endedAt + Self.period : endedAt + gap
    }

    func isDue(at now: Instant) -> Bool { now >= nextDeadline }

    /// A look begins: signs from here on ask for another one.
    mutating func begin() { askedAt = nil }

    mutating func end(at now: Instant, since start: Instant) {
        endedAt = now
        cost = now - start
    }

    /// A look failed: the sign stands.
    mutating func fail(at now: Instant) { ask(at: now) }
}
