import Vocabulary

/// What is said of links: of one, of all between groups, of all.
extension Fabric {
    /// Groups of machines between which no link is as usual.
    struct Division: Sendable {
        let number: Int
        /// The group of each machine; -1 for one that is in none.
        let groups: [Int32]
        let state: LinkState
        /// Whether only what goes from an earlier group to a later one is concerned.
        let isOneWay: Bool

        func parts(_ link: Link) -> Bool {
            guard link.from < groups.count, link.to < groups.count else { return false }
            let from = groups[link.from]
            let to = groups[link.to]
            guard from >= 0, to >= 0 else { return false }
            return isOneWay ? from < to : from != to
        }
    }

    func state(of link: Link, _ condition: Condition?) -> LinkState {
        if let state = condition?.state { return state }
        return divisions.last { $0.parts(link) }?.state ?? .up
    }

    func state(of link: Link) -> LinkState { state(of: link, conditions[link]) }

    mutating func divide(_ groups: [[Int]], as state: LinkState, isOneWay: Bool) -> Int {
        var numbers = [Int32](repeating: -1, count: (groups.joined().max() ?? -1) + 1)
        for (index, group) in groups.enumerated() {
            for machine in group { numbers[machine] = Int32(index) }
        }
        let number = (divisions.last?.number ?? 0) + 1
        let division = Division(
            number: number,
            groups: numbers,
            state: state,
            isOneWay: isOneWay
        )
        divisions.append(division)
        // What was said of one link before gives way.
        for link in conditions.keys.sorted() where division.parts(link) {
            change(link) { $0.state = nil }
        }
        return number
    }

    mutating func change(_ link: Link, _ change: (inout Condition) -> Void) {
        var condition = conditions[link] ?? Condition()
        change(&condition)
        conditions[link] = condition.isUsual ? nil : condition
    }

    /// Ends one division, or all states of links where none is named.
    mutating func unite(_ number: Int?) {
        divisions.removeAll { number == nil || $0.number == number }
        guard number == nil else { return }
        for link in conditions.keys.sorted() { change(link) { $0.state = nil } }
    }

    /// Takes what waits on links that are jammed no longer, links in order.
    mutating func release() -> [(link: Link, held: [Held])] {
        guard !jams.isEmpty else { return [] }
        return jams.keys.sorted().compactMap { link in
            guard state(of: link) != .jammed, let jam = jams.removeValue(forKey: link) else {
                return nil
            }
            return (link, jam.held)
        }
    }

    /// What became of the datagrams from some machine, to some, or of all.
    func counts(from: Int?, to: Int?) -> LinkCounts {
        guard from != nil || to != nil else { return total }
        var sum = LinkCounts()
        for link in counts.keys.sorted()
        where (from ?? link.from) == link.from && (to ?? link.to) == link.to {
            sum += counts[link] ?? LinkCounts()
        }
        return sum
    }
}
