import Vocabulary

/// Takes everyone's turn once, in an order drawn anew for each round (SWIM, section 4.3).
///
/// The order is not written down: it is a permutation that follows from a drawn number, and of it
/// only the place that was reached is kept. Ten thousand simulated nodes would otherwise keep ten
/// thousand names each in an order of their own.
struct Round: Sendable {
    /// Whose turn comes in this round.
    private var everyone = NodeSet()
    private var order: RandomStream?
    /// How far the permutation was followed.
    private var step: UInt64 = 0
    /// How many of everyone had their turn.
    private var passed = 0
    /// Those who came since the round began, and had no turn yet.
    private var guests: [NodeID] = []

    /// The next one that is fit, or `nil` where nobody is.
    ///
    /// The unfit lose their turn.
    mutating func next(
        of everyone: NodeSet,
        using random: inout RandomStream,
        where isFit: (NodeID) -> Bool
    ) -> NodeID? {
        if let id = nextOfRest(using: &random, where: isFit) { return id }
        self.everyone = everyone
        order = random.branch(random.next())
        (step, passed) = (0, 0)
        return nextOfRest(using: &random, where: isFit)
    }

    private mutating func nextOfRest(
        using random: inout RandomStream,
        where isFit: (NodeID) -> Bool
    ) -> NodeID? {
        while true {
            let rest = everyone.count - passed
            guard rest + guests.count > 0 else { return nil }
            let id: NodeID
            if !guests.isEmpty, random.below(rest + guests.count) >= rest {
                id = guests.remove(at: random.below(guests.count))
            } else {
                id = everyone[nextPlace()]
                passed += 1
            }
            if isFit(id) { return id }
        }
    }

    /// Gives a newcomer a place in the round that is under way.
    mutating func admit(_ id: NodeID) { guests.append(id) }

    // MARK: The permutation

    /// The next place, of all places each once.
    private mutating func nextPlace() -> Int {
        guard let order else { preconditionFailure("a round of \(everyone.count) without order") }
        // The least square of a power of two that has room for all; what is beyond is passed over.
        var bits: UInt64 = 1
        while everyone.count > 1 << (2 * bits) { bits += 1 }
        while true {
            let place = Self.permuted(step, bits, order)
            step += 1
            if place < everyone.count { return Int(place) }
        }
    }

    /// A Feistel network of four rounds: a permutation whatever its rounds draw (Luby, Rackoff,
    /// 1988).
    private static func permuted(_ number: UInt64, _ bits: UInt64, _ order: RandomStream) -> UInt64
    {
        let mask = (UInt64(1) << bits) - 1
        var (left, right) = (number >> bits, number & mask)
        for round in UInt64(0)..<4 {
            var chance = order.branch(round << 32 | right)
            (left, right) = (right, left ^ (chance.next() & mask))
        }
        return left << bits | right
    }
}
