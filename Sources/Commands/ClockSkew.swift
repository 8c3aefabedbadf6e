import ControlAPI

/// How this machine's clock stands against the middle of the clocks of the cluster.
struct ClockSkew: Sendable {
    /// Negative where it is ahead.
    let behindSeconds: Double

    init(_ status: StatusReply) { behindSeconds = status.clockBehindSeconds }

    /// From so many seconds on, it is worth a line.
    static let notable = 0.5
    /// From so many seconds on, somebody should set a clock: the alert GrapevineClockSkew says so, too.
    static let tooMuch = 2.0

    var isNotable: Bool { abs(behindSeconds) >= Self.notable }

    /// `3.2 s behind the middle of the clocks heard in the last minute`.
    var words: String {
        let milliseconds = Int((abs(behindSeconds) * 1000).rounded())
        let amount =
            milliseconds < 100
            ? "\(milliseconds) ms" : "\(Double((milliseconds + 50) / 100) / 10) s"
        let side = behindSeconds < 0 ? "ahead of" : "behind"
        return "\(amount) \(side) the middle of the clocks heard in the last minute"
    }

    /// What `doctor` says of it.
    ///
    /// - Parameter others: How many members were heard in the last minute; without any there is
    ///   nothing to compare with.
    /// - Returns: One check.
    func check(hearing others: Int) -> Check {
        let name = "clock-skew"
        guard others > 0 else {
            return .skipped(name, "no other member's clock was heard in the last minute")
        }
        let words = "this machine's clock is \(words)"
        let next = "timedatectl; grapevine status on others shows whose clock is wrong"
        if abs(behindSeconds) >= Self.tooMuch {
            let why = ": certificates, leases and the order of changes go by it"
            return .bad(name, words + why, next: next)
        }
        return isNotable ? .note(name, words, next: next) : .good(name, words)
    }
}
