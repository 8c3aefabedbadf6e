import Vocabulary

/// A probe of our own that has no answer yet.
struct Probe: Sendable {
    /// A probe first asks its target, then others on our behalf, so that one bad link does not
    /// make a healthy member look dead (SWIM, section 3.1).
    enum Phase: Sendable {
        case direct
        /// `failed` are the relays that said they did not reach the target either.
        case indirect(relays: [NodeID], failed: [NodeID])
    }

    let number: ProbeNumber
    let target: NodeID
    /// What is accused where no answer comes.
    ///
    /// The target may have refuted in the meantime.
    let version: MemberVersion
    let startedAt: Instant
    /// Whether it is our neighbour's: then its silence makes us look at the next one at once.
    let isOfNeighbour: Bool
    /// When no answer is a failure.
    let end: Instant
    var phase: Phase = .direct
    /// When this phase is over.
    var due: Instant

    func isAnswered(by node: NodeID) -> Bool {
        switch phase {
        case .direct: node == target
        case .indirect(let relays, _): node == target || relays.contains(node)
        }
    }
}

/// A probe on behalf of another member that does not reach the target.
struct Errand: Sendable {
    /// Our own number, which the target sees.
    let number: ProbeNumber
    let target: NodeID
    let asker: NodeID
    /// The number under which the asker waits.
    let askersNumber: ProbeNumber
    /// When the asker is told that we failed.
    let due: Instant
}
