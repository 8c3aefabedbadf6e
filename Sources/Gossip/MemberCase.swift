package import Membership
package import Vocabulary

/// Everything that a member's state rests on, as this node knows it: the answer to "why?".
package struct MemberCase: Hashable, Sendable {
    package let member: Member
    /// Who must look for themselves when the first word against this version comes, by rank.
    package let jurors: [NodeID]
    /// What is said against its version, by accuser, rising.
    package let words: [Word]
    /// When it counts as dead unless it refutes; `nil` while too few accuse it.
    package let suspicionEnds: Instant?
    /// Our own latest probe of it; `nil` where there was none in this run, or long ago.
    package let lastProbe: ProbeNote?
    /// What is wrong between it and this node, sorted.
    package let troubles: [TroubleSince]
    /// This node's own score: 0 is well, and more makes its probes and verdicts slower.
    package let selfHealth: Int
    /// How many accusers it takes now.
    package let needed: EvidenceNeeded
}
