import Vocabulary

/// When the kernel is read and compared: at once after a sign that somebody else changed it, a
/// while after writes of our own, and now and then without either.
///
/// Reading takes time by the number of rules, so each of the three takes its share of the time at
/// most, and what is cheap to read is read sooner.
struct LookPlan: Sendable {
    /// How often without a sign, where reading is cheap.
    static let period = Duration.seconds(10)
    /// How often at least.
    static let longestPeriod = Duration.seconds(60)
    /// Without a sign reading takes at most a fiftieth of the time, within these two.
    static let idleShare = 50
    /// Own writes are read back this long after them: what follows soon is read in one.
    static let writeDelay = Duration.seconds(1)
    /// For own writes reading takes at most a twentieth of the time.
    static let writeShare = 19
    /// For others' it takes at most a fifth, however often they write.
    static let share = 4
    /// After a sign of somebody else, reading waits no longer than this.
    static let longestGap = Duration.milliseconds(700)

    /// The first sign of somebody else since the last look began.
    private var askedAt: Instant?
    /// The first write of our own since the last look began.
    private var wroteAt: Instant?
    private var endedAt: Instant?
    private var cost = Duration.zero

    /// There is a sign that somebody changed the rules.
    mutating func ask(at now: Instant) {
        if askedAt == nil { askedAt = now }
    }

    /// We changed the rules ourselves.
    mutating func noteWrite(at now: Instant) {
        if wroteAt == nil { wroteAt = now }
    }

    /// When to look next; at once where nobody looked yet.
    var nextDeadline: Instant {
        guard let endedAt else { return .zero }
        var due = endedAt + min(max(cost * Self.idleShare, Self.period), Self.longestPeriod)
        if let wroteAt {
            due = min(due, max(wroteAt + Self.writeDelay, endedAt + cost * Self.writeShare))
        }
        if askedAt != nil { due = min(due, endedAt + min(cost * Self.share, Self.longestGap)) }
        return due
    }

    func isDue(at now: Instant) -> Bool { now >= nextDeadline }

    /// A look begins: signs from here on ask for another one.
    mutating func begin() {
        askedAt = nil
        wroteAt = nil
    }

    mutating func end(at now: Instant, since start: Instant) {
        endedAt = now
        cost = now - start
    }

    /// A look failed: the sign stands.
    mutating func fail(at now: Instant) { ask(at: now) }
}
