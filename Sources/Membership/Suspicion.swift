import Vocabulary

/// How much evidence makes a member suspect or dead, and how long it has to refute.
struct Suspicion: Sendable {
    let period: Duration

    /// - Parameter clusterSize: Myself and all members that neither left nor died.
    /// - Returns: How many accusers make a member suspect.
    func accusersToSuspect(clusterSize: Int) -> Int {
        clusterSize <= 3 ? 1 : 2
    }

    /// - Parameter possible: How many could accuse: myself and the other alive members.
    /// - Returns: How many accusers make a member dead once the suspicion time is over.
    func accusersToBury(possible: Int) -> Int {
        min(3, max(possible, 1))
    }

    /// The longest that a member stays suspect before it is dead, once enough accuse it.
    var longest: Duration { period * 4 }

    /// How long a member stays suspect before it is dead: four periods, and with each further
    /// accuser less, down to two.
    ///
    /// With everyone's word there is nobody to wait for.
    ///
    /// - Parameters:
    ///   - accusers: At least `accusersToBury(possible:)`.
    ///   - possible: How many could accuse.
    /// - Returns: The time from suspicion to death.
    func time(accusers: Int, possible: Int) -> Duration {
        let least = period * 2
        let further = accusers - accusersToBury(possible: possible)
        guard accusers < possible, Self.shares.indices.contains(further) else { return least }
        return least + period * 2 * Self.shares[further] / 1000
    }

    /// Lifeguard's 1 − log(C + 1) / log(K + 1) for K = 3 and C = 0, 1, 2, 3, in thousandths
    /// (Dadgar, Phillips, Currey, 2017, section III).
    private static let shares = [1000, 500, 208, 0]
}

/// Lifeguard's local health: the more goes wrong here, the less we trust our own judgement.
struct SelfHealth: Sendable {
    /// 0 is well.
    private(set) var score = 0
    let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    mutating func worsen() { score = min(score + 1, maximum) }

    mutating func improve() { score = max(score - 1, 0) }

    /// Slower by the score: twice as slow at 1.
    func slowed(_ duration: Duration) -> Duration { duration * (score + 1) }
}
