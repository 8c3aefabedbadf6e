package import Vocabulary

/// One member's word against another.
package struct Word: Hashable, Sendable {
    package let accuser: NodeID
    /// The HEAD of the accused that did not answer.
    package let version: MemberVersion
    /// When it came here.
    package let heardAt: Instant
    /// Whether it counts: a word of who died or left does not.
    package let counts: Bool
}

/// What came of a probe.
package struct ProbeNote: Hashable, Sendable {
    package let startedAt: Instant
    package internal(set) var outcome: Outcome

    package enum Outcome: Hashable, Sendable {
        case pending
        case answered(after: Duration)
        case answeredThroughRelay(NodeID)
        /// Neither it nor a relay answered; `relaysThatFailed` said that it did not answer them.
        case failed(relaysThatFailed: Int, relaysAsked: Int)
        /// Its machine said that nobody listens there.
        case refused
    }
}

/// How many accusers make a member suspect, and dead once the suspicion time is over.
package struct EvidenceNeeded: Hashable, Sendable {
    package let toSuspect: Int
    package let toBury: Int
}
