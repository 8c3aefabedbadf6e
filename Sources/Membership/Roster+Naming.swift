package import Vocabulary

/// Names of members for whoever sends something to a few of them: nothing is built for it.
extension Roster {
    /// A member's smoothed round-trip time; `nil` where it was never measured.
    package func roundTrip(to id: NodeID) -> Duration? { contacts[id]?.roundTrip?.smoothed }

    /// Some of those who are alive, drawn, each at most once.
    package func draw(
        _ count: Int,
        except left: NodeID? = nil,
        using random: inout RandomStream
    ) -> [NodeID] {
        // With many to choose from, the one that is drawn is hardly ever unfit.
        guard present.count > 8 * count, aliveCount * 2 > present.count else {
            let fit = present.filter { $0 != left && state(of: $0) == .alive }
            return random.sample(count, of: fit)
        }
        var drawn: [NodeID] = []
        for _ in 0..<16 * count where drawn.count < count {
            let id = present[random.below(present.count)]
            if id != left, !drawn.contains(id), state(of: id) == .alive { drawn.append(id) }
        }
        return drawn
    }

    /// The present members whose names stand nearest to ours: as everybody does so, everybody is
    /// somebody's neighbour.
    ///
    /// - Parameters:
    ///   - before: How many whose names come before ours.
    ///   - after: How many whose names come after it.
    /// - Returns: All who are present, where those are no more.
    package func neighbours(before: Int, after: Int) -> [NodeID] {
        guard present.count > before + after else { return Array(present) }
        let start = present.place(of: myself)
        return (start - before..<start + after).map { place in
            present[(place + present.count) % present.count]
        }
    }
}
