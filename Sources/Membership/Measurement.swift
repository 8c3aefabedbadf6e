package import Vocabulary

/// What a probe told of the way to a member: for whoever watches, and no decision follows from it.
package enum Measurement: Hashable, Sendable {
    /// Nanoseconds from a probe to its direct answer, where that answers no other probe (Karn's
    /// rule).
    case roundTrip(NodeID, nanoseconds: Int64)
    /// No answer came in time.
    case probeFailed(NodeID, Way)

    /// On which way an answer was awaited.
    package enum Way: Int, Hashable, Sendable, CaseIterable {
        /// From the member itself, or its machine refused the connection.
        case direct
        /// From it or through others, until the end of the probe.
        case indirect
    }
}
