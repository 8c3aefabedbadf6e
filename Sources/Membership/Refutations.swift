import Vocabulary

/// What is said against ourselves, and how soon it is worth a new HEAD.
///
/// A HEAD goes to everybody, so one member alone must not be able to ask for many: its word makes
/// nobody suspect us, and each time it comes alone the answer comes twice as late, eight seconds at
/// most. Words that together make us suspect are answered as soon as may be.
struct Refutations: Sendable {
    /// Who accuses our present version, sorted.
    private(set) var accusers: [NodeID] = []
    /// How often a member's lone word was answered, and when last.
    private var alone: [NodeID: (times: Int, last: Instant)] = [:]

    /// A member that accused us alone so long ago has a clean slate.
    private static let memory = Duration.seconds(60)
    private static let maximumDoublings = 4
    private static let limit = 256

    /// - Returns: Whether this accuser is a new one of this version.
    mutating func hear(_ accuser: NodeID) -> Bool { accusers.admit(accuser) }

    /// How long after the last refutation the next one may come.
    ///
    /// - Parameters:
    ///   - gap: The least time between two.
    ///   - enough: How many accusers make a member suspect.
    ///   - now: The present.
    /// - Returns: The least gap, or up to sixteen times that.
    func gap(_ gap: Duration, enough: Int, at now: Instant) -> Duration {
        guard accusers.count < enough else { return gap }
        var shortest = Self.maximumDoublings
        for accuser in accusers {
            let known = alone[accuser].flatMap { now < $0.last + Self.memory ? $0.times : nil }
            shortest = min(shortest, known ?? 0)
        }
        return gap * (1 << shortest)
    }

    /// A HEAD answers what was said.
    mutating func answer(enough: Int, at now: Instant) {
        guard accusers.count < enough else { return }
        if alone.count + accusers.count > Self.limit {
            alone = alone.filter { now < $0.value.last + Self.memory }
            if alone.count + accusers.count > Self.limit { alone = [:] }
        }
        for accuser in accusers {
            let known = alone[accuser].flatMap { now < $0.last + Self.memory ? $0.times : nil }
            alone[accuser] = (min((known ?? 0) + 1, Self.maximumDoublings), now)
        }
    }

    /// Our version is another one now: nothing is said against it yet.
    mutating func renew() { accusers = [] }
}
