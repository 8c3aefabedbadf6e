import Vocabulary

/// Datagrams that cannot be read here, though their senders seem to mean us.
///
/// Where they come from is what they say, so this is told as being about an address and never
/// about a member; and whoever invents addresses costs these few places.
struct StrangerNotes: Sendable {
    private struct Note: Sendable {
        let trouble: Trouble
        let first: Instant
        var last: Instant
        var count = 1
    }

    /// In the order in which they were heard first.
    private var notes: [Note] = []

    private static let limit = 16
    /// Noise comes once; a peer that is set up wrongly comes again.
    private static let enough = 3
    private static let leastTime = Duration.seconds(1)
    /// Silence for so long ends it.
    private static let memory = Duration.seconds(60)
    /// What was heard so lately is not pushed out by others.
    private static let tenure = Duration.seconds(10)

    mutating func note(_ trouble: Trouble, at now: Instant) {
        for place in notes.indices where Self.isSame(notes[place].trouble, trouble) {
            notes[place].last = now
            notes[place].count += 1
            return
        }
        if notes.count >= Self.limit {
            guard let oldest = notes.indices.min(by: { notes[$0].last < notes[$1].last }),
                now >= notes[oldest].last + Self.tenure
            else { return }
            notes.remove(at: oldest)
        }
        notes.append(Note(trouble: trouble, first: now, last: now))
    }

    /// One address has one place, whatever versions it speaks of: noise speaks of many.
    private static func isSame(_ one: Trouble, _ other: Trouble) -> Bool {
        if case .newerVersion(let here, _) = one, case .newerVersion(let there, _) = other {
            return here == there
        }
        return one == other
    }

    mutating func forgetOld(at now: Instant) {
        notes.removeAll { now >= $0.last + Self.memory }
    }

    /// What came often enough to be meant.
    var troubles: [Trouble] {
        notes.filter { $0.count >= Self.enough && $0.last >= $0.first + Self.leastTime }
            .map(\.trouble)
    }
}
