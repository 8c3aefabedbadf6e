import Vocabulary
import Wire

/// Words against members on their way to a few others.
///
/// The first leaves at once. Where many members fall silent together, as where a rack is cut off,
/// those that follow soon wait for each other: they go to the same few, in shared datagrams, instead
/// of each in datagrams of its own to others.
struct WordLine: Sendable {
    struct Item: Sendable {
        let word: SignedAccusation
        /// Who brought it; `nil` for our own.
        let sender: NodeID?
    }

    private var items: [Item] = []
    private var lastPush = Instant(nanoseconds: .min)
    /// Words that found no room since that was asked last.
    private var dropped = 0

    /// Words that come this soon after others wait for them.
    static let coalescing = Duration.milliseconds(50)
    /// What may wait; what is beyond it is told beside probes.
    static let maximumCount = 4096

    var count: Int { items.count }

    /// When what waits is to be sent.
    var nextDeadline: Instant { items.isEmpty ? .never : lastPush + Self.coalescing }

    mutating func put(_ word: SignedAccusation, from sender: NodeID?) {
        guard items.count < Self.maximumCount else { return dropped += 1 }
        items.append(Item(word: word, sender: sender))
    }

    /// Takes out all that waits, oldest first.
    mutating func take(at now: Instant) -> [Item] {
        defer { items.removeAll(keepingCapacity: items.count < 64) }
        lastPush = now
        return items
    }

    /// How much found no room since the last call.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}
