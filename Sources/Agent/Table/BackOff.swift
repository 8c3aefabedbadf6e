import Host
import Vocabulary

/// How long to wait after a failure: twice as long each time, and never long where only a lock is
/// in the way.
struct BackOff: Sendable {
    static let first = Duration.milliseconds(250)
    static let longest = Duration.seconds(30)

    private var failures = 0
    private(set) var notBefore = Instant.zero

    mutating func fail(_ error: any Error, at now: Instant) {
        if case .locked? = error as? IptablesError {
            // It waited for the lock already; whoever holds it lets go some time.
            notBefore = now + Self.first
            return
        }
        notBefore = now + min(Self.first * (1 << min(failures, 10)), Self.longest)
        failures += 1
    }

    mutating func succeed() { self = BackOff() }

    /// Something new to write deserves a try soon, whatever the last one came to.
    mutating func hurry(at now: Instant) { notBefore = min(notBefore, now + Self.first) }
}
