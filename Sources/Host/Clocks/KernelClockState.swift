import Glibc

/// Whether somebody keeps the kernel's clock, as adjtimex(2) says.
package struct KernelClockState: Hashable, Sendable {
    /// Whether a time server, or somebody in its place, set it and vouches for it.
    package let isKept: Bool
    /// How far it is off at most, by its keeper's estimate.
    package let milliseconds: Int

    /// - Returns: `nil` where the kernel does not say.
    package static func now() -> KernelClockState? {
        var clock = timex()
        let state = adjtimex(&clock)
        guard state >= 0 else { return nil }
        return KernelClockState(
            isKept: state != TIME_ERROR && clock.status & STA_UNSYNC == 0,
            milliseconds: Int(clock.maxerror) / 1000
        )
    }
}
