import Vocabulary

/// A smoothed round-trip time and how much it varies (Jacobson, Karels, 1988).
struct RoundTrip: Hashable, Sendable {
    /// The moving average.
    private(set) var smoothed: Duration
    private var deviation: Duration

    /// Longer ones tell of a sleeping process and not of a network.
    private static let longest = Duration.seconds(10)

    init(first sample: Duration) {
        smoothed = Self.clamped(sample)
        deviation = smoothed / 2
    }

    /// Takes one measurement in, with the weights of RFC 6298.
    mutating func add(_ sample: Duration) {
        let sample = Self.clamped(sample)
        let error = sample > smoothed ? sample - smoothed : smoothed - sample
        deviation = (deviation * 3 + error) / 4
        smoothed = (smoothed * 7 + sample) / 8
    }

    /// After this long an answer is hardly to be expected.
    var patience: Duration { smoothed + deviation * 4 }

    private static func clamped(_ sample: Duration) -> Duration {
        min(max(sample, .zero), longest)
    }
}
