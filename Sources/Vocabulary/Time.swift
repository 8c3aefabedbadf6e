/// A moment on one machine's monotonic clock: nanoseconds since some start of its own.
///
/// Never sent to anyone and never compared with another machine's.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Instant(nanoseconds: 0)

    /// Later than anything that will be asked for: a deadline that is not set.
    package static let never = Instant(nanoseconds: .max)

    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The moment this much later; stays at `.never`, or the earliest, rather than overflow.
    package static func + (left: Instant, right: Duration) -> Instant {
        let change = right.nanoseconds
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(change)
        return Instant(nanoseconds: overflow ? (change < 0 ? .min : .max) : sum)
    }

    /// The time between two moments, at most 292 years.
    package static func - (left: Instant, right: Instant) -> Duration {
        let (change, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
        return .nanoseconds(overflow ? (left < right ? .min : .max) : change)
    }

    /// Seconds with milliseconds, as transcripts and logs print it.
    package var description: String {
        let milliseconds = nanoseconds.magnitude / 1_000_000
        let fraction = String(milliseconds % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.count)
        return "\(nanoseconds < 0 ? "-" : "")\(milliseconds / 1000).\(zeros)\(fraction)s"
    }
}

extension Duration {
    /// The whole duration in nanoseconds, cut off; saturates at ±292 years.
    package var nanoseconds: Int64 {
        // Asked for many times an event: one division of 64 bits, where `components` takes two
        // of 128.
        let attoseconds = attoseconds
        let magnitude = attoseconds.magnitude
        let high = UInt64(truncatingIfNeeded: magnitude >> 64)
        guard high < Self.perNanosecond / 2 else { return attoseconds < 0 ? .min : .max }
        let low = UInt64(truncatingIfNeeded: magnitude)
        let whole =
            high == 0
            ? low / Self.perNanosecond
            : Self.perNanosecond
                .dividingFullWidth((high, low)).quotient
        return attoseconds < 0 ? -Int64(whole) : Int64(whole)
    }

    /// Attoseconds in a nanosecond.
    private static let perNanosecond: UInt64 = 1_000_000_000

    /// So many nanoseconds.
    package static func nanoseconds(_ count: Int64) -> Duration {
        Duration(attoseconds: Int128(count) &* 1_000_000_000)
    }

    /// So many nanoseconds.
    package static func nanoseconds(_ count: Int) -> Duration { nanoseconds(Int64(count)) }

    /// The whole duration in milliseconds, cut off.
    package var wholeMilliseconds: Int64 { nanoseconds / 1_000_000 }
}

/// A reading of a wall clock: milliseconds since 1970, UTC.
///
/// May jump, may lie.
package struct WallTime: Hashable, Comparable, Sendable {
    package let milliseconds: UInt64

    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package var seconds: UInt64 { milliseconds / 1000 }

    /// Whole hours since 1970: the unit of leases.
    package var hour: UInt32 { UInt32(truncatingIfNeeded: milliseconds / 3_600_000) }

    /// The reading this much later; never below 1970.
    package func advanced(by duration: Duration) -> WallTime {
        let change = duration.wholeMilliseconds
        if change >= 0 {
            let (sum, overflow) = milliseconds.addingReportingOverflow(UInt64(change))
            return WallTime(milliseconds: overflow ? .max : sum)
        }
        let back = change.magnitude
        return WallTime(milliseconds: milliseconds > back ? milliseconds - back : 0)
    }
}

/// Orders what competing authors did: 48 bits of milliseconds, 16 bits of counter
/// (Kulkarni et al., "Logical Physical Clocks", 2014; registry design, section 2).
package struct HybridTime: Hashable, Comparable, Sendable {
    package let raw: UInt64

    package init(raw: UInt64) { self.raw = raw }

    package init(_ wall: WallTime) {
        raw = min(wall.milliseconds, (1 << 48) - 1) << 16
    }

    package static let zero = HybridTime(raw: 0)

    package var milliseconds: UInt64 { raw >> 16 }

    package static func < (left: HybridTime, right: HybridTime) -> Bool { left.raw < right.raw }

    /// The time of the next local event: after everything seen, and not behind the wall clock.
    package func next(at wall: WallTime) -> HybridTime {
        max(HybridTime(raw: raw == .max ? raw : raw + 1), HybridTime(wall))
    }
}
