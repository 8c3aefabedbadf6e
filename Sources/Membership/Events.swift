package import Vocabulary

/// Ties an answer to the probe it answers, within one run of the prober.
package struct ProbeNumber: Hashable, Comparable, Sendable {
    /// As it travels; wraps around.
    package let raw: UInt32

    package init(raw: UInt32) { self.raw = raw }

    package static func < (left: ProbeNumber, right: ProbeNumber) -> Bool { left.raw < right.raw }
}

extension Roster {
    /// What the roster is told.
    ///
    /// Every event may come twice, late or never.
    package enum Event: Hashable, Sendable {
        /// A valid HEAD of this node (it may be myself) is stored now.
        case headSeen(NodeID, MemberVersion, left: Bool)
        /// The node was purged or revoked: nothing of it counts any more.
        case forgotten(NodeID)
        /// Time has reached `nextDeadline`.
        case deadlineReached
        /// An authenticated packet came from it.
        case heard(NodeID)
        /// An ACK of a probe of ours came from the subject or from a relay that reached it.
        case acknowledged(ProbeNumber, by: NodeID)
        /// A relay says that the subject did not answer it either.
        case relayFailed(ProbeNumber, by: NodeID)
        /// Someone wants us to probe `target` for it.
        case relayAsked(ProbeNumber, target: NodeID, by: NodeID)
        /// An accusation whose signature has been checked.
        case accused(Accusation)
        /// It told us the digest of its store, which equals ours, or not; `nil` where that cannot
        /// be said.
        case compared(NodeID, agrees: Bool?)
        /// The connection was refused at its address: as good as a failed probe.
        case refused(NodeID)
    }

    /// What the roster asks for.
    ///
    /// Effects are carried out in order.
    package enum Effect: Hashable, Sendable {
        /// Send a PROBE to the member itself.
        case probe(NodeID, ProbeNumber)
        /// Ask the first node to probe `target` and to tell us.
        case askRelay(NodeID, target: NodeID, ProbeNumber)
        /// Send who asked us an ACK or a NACK of its own number.
        case answerRelay(NodeID, ProbeNumber, succeeded: Bool)
        /// Sign this and spread it. It may be one we signed before, to be spread again.
        case accuse(Accusation)
        /// Someone accuses us: sign our HEAD again with a sequence above this version's.
        case refute(above: MemberVersion)
        /// Try to reach a dead member.
        case dial(NodeID)
        /// The view of a member changed; `from` is `nil` for one that was not known.
        case changed(NodeID, from: MemberState?, to: MemberState)
    }
}
