package import Vocabulary

/// What is due when, earliest first; equal moments in the order they were set.
///
/// An alarm cannot be taken out again. Whoever set it knows whether it still means something,
/// and drops it when it comes up: that is cheaper than to find it here.
package struct Agenda<Alarm: Sendable>: Sendable {
    private struct Entry: Sendable {
        let due: Instant
        let order: UInt64
        let alarm: Alarm

        func precedes(_ other: Entry) -> Bool { (due, order) < (other.due, other.order) }
    }

    /// A binary heap: each entry precedes the two at double its place.
    private var entries: [Entry] = []
    private var count: UInt64 = 0

    package init() {}

    /// The earliest alarm.
    package var first: (due: Instant, alarm: Alarm)? {
        entries.first.map { ($0.due, $0.alarm) }
    }

    /// Sets an alarm; one at `.never` is not kept.
    package mutating func set(_ alarm: Alarm, at due: Instant) {
        guard due < .never else { return }
        entries.append(Entry(due: due, order: count, alarm: alarm))
        count += 1
        var place = entries.count - 1
        while place > 0, entries[place].precedes(entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes the earliest alarm out.
    package mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                if entries[child].precedes(entries[least]) { least = child }
            }
            guard least != place else { return }
            entries.swapAt(place, least)
            place = least
        }
    }
}
