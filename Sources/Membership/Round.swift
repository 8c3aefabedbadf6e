import Vocabulary

/// Takes everyone's turn once, in an order drawn anew for each round (SWIM, section 4.3).
struct Round: Sendable {
    /// Whose turn is still to come; the last one is next.
    private var rest: [NodeID] = []

    /// The next one that is fit, or `nil` where nobody is.
    ///
    /// The unfit lose their turn.
    mutating func next(
        of everyone: [NodeID],
        using random: inout RandomStream,
        where isFit: (NodeID) -> Bool
    ) -> NodeID? {
        if let id = nextOfRest(where: isFit) { return id }
        rest = random.sample(everyone.count, of: everyone)
        return nextOfRest(where: isFit)
    }

    private mutating func nextOfRest(where isFit: (NodeID) -> Bool) -> NodeID? {
        while let id = rest.popLast() {
            if isFit(id) { return id }
        }
        return nil
    }

    /// Gives a newcomer a place in the round that is under way.
    mutating func admit(_ id: NodeID, using random: inout RandomStream) {
        rest.insert(id, at: random.below(rest.count + 1))
    }
}
