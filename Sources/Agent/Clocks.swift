import Vocabulary

/// The machine's time as the loop sees it, handed in so that the loop knows no machine.
struct Clocks: Sendable {
    let now: @Sendable () -> Instant
    let wall: @Sendable () -> WallTime
    /// Rings the inbox at that moment; forgets the one set before.
    let wake: @Sendable (Instant) -> Void
}
