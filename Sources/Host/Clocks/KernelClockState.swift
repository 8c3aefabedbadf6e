import Glibc

/// Whether somebody keeps the kernel's clock, as adjtimex(2) says.
package struct KernelClockState: Hashable, Sendable {
    /// Whether a time server, or somebody in its place, set it and vouches for it.
    package let isKept: Bool
    /// How far it is off at most, by its keeper's estimate.
    package let milliseconds: Int

    /// - Returns: `nil` where the kernel does not say.
    package static func now() -> KernelClockState? {
        // Swift's Glibc has no sys/timex.h, so the function is looked up, and `struct timex` read
        // by its places, which all 64-bit machines share: modes 0, maxerror 24, status 40.
        typealias Call = @convention(c) (UnsafeMutableRawPointer) -> Int32
        guard let symbol = dlsym(nil, "adjtimex") else { return nil }
        let adjust = unsafeBitCast(symbol, to: Call.self)
        var words = [Int64](repeating: 0, count: 64)
        let state = words.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { adjust($0) } ?? -1
        }
        guard state >= 0 else { return nil }
        let status = Int32(truncatingIfNeeded: words[5])
        return KernelClockState(
            isKept: state != isUnset && status & isUnsynchronized == 0,
            milliseconds: Int(words[3]) / 1000
        )
    }

    /// TIME_ERROR of sys/timex.h.
    private static let isUnset: Int32 = 5
    /// STA_UNSYNC of sys/timex.h.
    private static let isUnsynchronized: Int32 = 0x40
}
