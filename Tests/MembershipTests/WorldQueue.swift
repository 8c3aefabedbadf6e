import Vocabulary

/// What will happen when: a binary heap, equal moments in the order they were added.
struct WorldQueue<Element> {
    private var entries: [(at: Instant, order: Int, element: Element)] = []
    private var added = 0

    mutating func add(_ element: Element, at moment: Instant) {
        entries.append((moment, added, element))
        added += 1
        var place = entries.count - 1
        while place > 0, precedes(place, (place - 1) / 2) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes the next one out, or `nil` where nothing happens until `end`.
    mutating func next(until end: Instant) -> (Instant, Element)? {
        guard let first = entries.first, first.at <= end else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                if precedes(child, least) { least = child }
            }
            guard least != place else { return (first.at, first.element) }
            entries.swapAt(place, least)
            place = least
        }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (entries[left].at, entries[left].order) < (entries[right].at, entries[right].order)
    }
}
