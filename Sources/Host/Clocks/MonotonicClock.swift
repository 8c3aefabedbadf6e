import Glibc
package import Vocabulary

/// The clock that deadlines are compared with.
///
/// It is CLOCK_BOOTTIME, which counts while the machine sleeps, and not CLOCK_MONOTONIC, which
/// stands still: the other members went on living meanwhile. After a night's sleep "last heard"
/// then says eight hours, and every probe that fell due is made at once.
package enum MonotonicClock {
    /// Nanoseconds since the machine started, sleep included.
    package static func now() -> Instant {
        Instant(nanoseconds: KernelClock.nanoseconds(CLOCK_BOOTTIME))
    }

    /// Returns when `now()` has reached the deadline, at once where it has already.
    ///
    /// - Throws: `CancellationError` where the task is cancelled first.
    package static func sleep(until deadline: Instant) async throws {
        while true {
            let remaining = deadline - now()
            guard remaining > .zero else { return }
            // On Linux this clock is CLOCK_BOOTTIME too. A slice keeps `.never` in its range.
            try await Task.sleep(for: min(remaining, longestSlice), clock: .continuous)
        }
    }

    private static let longestSlice = Duration.seconds(3600)
}

/// The machine's idea of the time of day, as good as whoever sets it.
package enum WallClock {
    /// Milliseconds since 1970; never below.
    package static func now() -> WallTime {
        let nanoseconds = max(0, KernelClock.nanoseconds(CLOCK_REALTIME))
        return WallTime(milliseconds: UInt64(nanoseconds) / 1_000_000)
    }
}

private enum KernelClock {
    static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        let status = clock_gettime(clock, &time)
        precondition(status == 0, "clock_gettime refused clock \(clock), which every Linux has")
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
