import Vocabulary

/// A smoothed round-trip time and how much it varies (Jacobson, Karels, 1988).
struct RoundTrip: Hashable, Sendable {
    /// The moving average, in nanoseconds.
    private var average: UInt32
    /// In nanoseconds.
    private var deviation: UInt32

    /// Longer ones tell of a sleeping process and not of a network.
    private static let longest: Int64 = 4_000_000_000

    init(first sample: Duration) {
        average = UInt32(Self.clamped(sample))
        deviation = average / 2
    }

    /// Takes one measurement in, with the weights of RFC 6298.
    mutating func add(_ sample: Duration) {
        let sample = Self.clamped(sample)
        let error = abs(sample - Int64(average))
        deviation = UInt32((Int64(deviation) * 3 + error) / 4)
        average = UInt32((Int64(average) * 7 + sample) / 8)
    }

    /// The moving average.
    var smoothed: Duration { .nanoseconds(Int64(average)) }

    /// After this long an answer is hardly to be expected.
    var patience: Duration { .nanoseconds(Int64(average) + Int64(deviation) * 4) }

    private static func clamped(_ sample: Duration) -> Int64 {
        min(max(sample.nanoseconds, 0), longest)
    }
}
