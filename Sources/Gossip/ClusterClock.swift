import Vocabulary

/// What time it is: for this machine, for the cluster, and for leases.
///
/// The wall clock of one machine may lie. With five clocks or more, this node's own among them,
/// the middle one counts, so that a minority of liars moves nothing (registry design, section 2).
struct ClusterClock: Sendable {
    private var reading: WallTime?
    private var takenAt = Instant.zero
    /// How far others' clocks are ahead of this machine's, in milliseconds, and since when that
    /// is known.
    private var offsets: [NodeID: (ahead: Int64, at: Instant)] = [:]
    /// The middle of them.
    private var correction: Int64 = 0
    /// The two clocks in the middle, one twice where their number is odd.
    private var middle: (lower: Int64, upper: Int64) = (0, 0)
    private(set) var leases = LeaseClock()

    /// So many clocks, this machine's own among them, are enough to be believed.
    static let quorum = 5
    /// More clocks heard within a minute, as in a storm of words, do not make their middle better.
    private static let maximumClocks = 1024
    /// An offset that was not confirmed for so long is forgotten.
    private static let recent = Duration.seconds(60)
    /// The time of day may be set by so much before it counts as a jump.
    private static let tolerance = Duration.seconds(5)

    var isSet: Bool { reading != nil }

    /// - Returns: Whether the wall clock jumped since the last reading, against a clock that only
    ///   ever counts: somebody set it, or this machine is a snapshot brought back to life.
    mutating func set(_ new: WallTime, at now: Instant) -> Bool {
        let expected = isSet ? local(at: now) : nil
        reading = new
        takenAt = now
        guard let expected else {
            leases.begin(at: cluster(at: now))
            return false
        }
        let change = Int64(clamping: new.milliseconds) - Int64(clamping: expected.milliseconds)
        shift(by: change, at: now)
        let tolerance = Self.tolerance
        return new > expected.advanced(by: tolerance) || expected > new.advanced(by: tolerance)
    }

    /// This machine's clock was set, and the others' were not: they are no longer as far ahead.
    private mutating func shift(by change: Int64, at now: Instant) {
        for peer in change == 0 ? [] : offsets.keys.sorted() {
            guard let old = offsets[peer] else { continue }
            let (ahead, overflow) = old.ahead.subtractingReportingOverflow(change)
            offsets[peer] = overflow ? nil : (ahead, old.at)
        }
        adjust(at: now)
    }

    /// What this machine's own clock says: what it tells others.
    func local(at now: Instant) -> WallTime {
        (reading ?? WallTime(milliseconds: 0)).advanced(by: now - takenAt)
    }

    /// The cluster's time, as well as this node knows it.
    func cluster(at now: Instant) -> WallTime {
        local(at: now).advanced(by: .milliseconds(correction))
    }

    /// How far the middle of the clocks heard lately, this machine's among them, is ahead of this
    /// machine's, in milliseconds; whether they are enough to be believed or not.
    var middleAhead: Int64 { middle.lower / 2 + middle.upper / 2 }

    // MARK: Others' clocks

    /// Takes note of what a peer's packet says of its clock.
    mutating func hear(_ sentAt: WallTime, of peer: NodeID, at now: Instant) {
        let here = local(at: now).milliseconds
        let ahead = Int64(clamping: sentAt.milliseconds) - Int64(clamping: here)
        offsets[peer] = (ahead, now)
        if offsets.count > Self.maximumClocks { forgetOlderHalf() }
    }

    private mutating func forgetOlderHalf() {
        let order = offsets.sorted { ($0.value.at, $0.key) < ($1.value.at, $1.key) }
        for (peer, _) in order.prefix(order.count / 2) { offsets[peer] = nil }
    }

    mutating func forget(_ peer: NodeID) { offsets[peer] = nil }

    /// Finds the middle of the clocks heard lately.
    mutating func adjust(at now: Instant) {
        if !isMiddleKept(at: now) { findMiddle(at: now) }
        let count = offsets.count + 1
        guard count >= Self.quorum else {
            correction = 0
            return
        }
        // By halves: liars may be so far ahead that a sum of two is no number any more.
        correction = count % 2 == 1 ? middle.upper : middle.lower / 2 + middle.upper / 2
    }

    private mutating func findMiddle(at now: Instant) {
        offsets = offsets.filter { now < $0.value.at + Self.recent }
        var clocks: [Int64] = [0]
        clocks.reserveCapacity(offsets.count + 1)
        // Order does not matter: they are sorted.
        for offset in offsets.values { clocks.append(offset.ahead) }
        clocks.sort()
        middle = (clocks[(clocks.count - 1) / 2], clocks[clocks.count / 2])
    }

    /// Whether no clock is too old, and those that were in the middle last stand there still: so it
    /// is nearly always, and then nothing must be sorted.
    private func isMiddleKept(at now: Instant) -> Bool {
        let (lower, upper) = middle
        let oldest = now.nanoseconds - Self.recent.nanoseconds
        // How many are less, and how many are not greater; this machine's own clock is one.
        var belowLower = lower > 0 ? 1 : 0
        var upToLower = lower >= 0 ? 1 : 0
        var belowUpper = upper > 0 ? 1 : 0
        var upToUpper = upper >= 0 ? 1 : 0
        // Order does not matter: they are counted.
        for (ahead, at) in offsets.values {
            if at.nanoseconds <= oldest { return false }
            belowLower += ahead < lower ? 1 : 0
            upToLower += ahead <= lower ? 1 : 0
            belowUpper += ahead < upper ? 1 : 0
            upToUpper += ahead <= upper ? 1 : 0
        }
        let last = offsets.count
        return belowLower <= last / 2 && last / 2 < upToLower
            && belowUpper <= (last + 1) / 2 && (last + 1) / 2 < upToUpper
    }

    // MARK: Leases

    /// Lets leases run on, or holds them.
    mutating func tendLeases(at now: Instant) { leases.tend(cluster(at: now), at: now) }

    /// Takes note of a peer that counts the same hour.
    mutating func agreeOnHour(at now: Instant) { leases.agree(at: now) }
}

/// The time that leases are judged by.
///
/// It follows the cluster's time, but not out of contact and not in leaps: a node that is alone
/// forgets nobody, and a clock that is set forward by days, here or everywhere, ends no lease
/// before its author had ten minutes to renew it (registry design, section 3.6).
struct LeaseClock: Sendable {
    private(set) var time = WallTime(milliseconds: 0)
    private var tendedAt = Instant.zero
    private var agreedAt: Instant?
    /// Since when peers have counted the same hour without a break.
    private var inTouchSince: Instant?

    /// Contact so old is none.
    private static let contact = Duration.seconds(30)
    /// How long peers must agree on a time that leapt.
    private static let hysteresis = Duration.seconds(600)
    /// What is no leap.
    private static let step = Duration.seconds(60)

    mutating func begin(at now: WallTime) { time = now }

    mutating func agree(at now: Instant) { agreedAt = now }

    mutating func tend(_ cluster: WallTime, at now: Instant) {
        let passed = now - tendedAt
        tendedAt = now
        let isInTouch = agreedAt.map { now < $0 + Self.contact } ?? false
        inTouchSince = isInTouch ? inTouchSince ?? now : nil
        // Going back ends no lease.
        guard cluster > time else {
            time = cluster
            return
        }
        guard let inTouchSince else { return }
        let isLeap = cluster > time.advanced(by: passed + Self.step)
        if !isLeap || now >= inTouchSince + Self.hysteresis { time = cluster }
    }
}
