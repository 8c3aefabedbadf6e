package import Vocabulary

/// Which HEAD of a member is meant: what an accusation names and a refutation exceeds.
package struct MemberVersion: Hashable, Comparable, Sendable {
    /// Rises with every start of the member.
    package let incarnation: UInt64
    /// Rises with every HEAD it signs in one incarnation.
    package let sequence: UInt64

    package init(incarnation: UInt64, sequence: UInt64) {
        self.incarnation = incarnation
        self.sequence = sequence
    }

    package static func < (left: MemberVersion, right: MemberVersion) -> Bool {
        (left.incarnation, left.sequence) < (right.incarnation, right.sequence)
    }
}

/// What one member signs when another did not answer it: evidence, and never a verdict.
///
/// It is void everywhere as soon as a HEAD of the subject with a higher version is known.
package struct Accusation: Hashable, Comparable, Sendable {
    /// Who signed it.
    package let accuser: NodeID
    /// Who did not answer.
    package let subject: NodeID
    /// The subject's newest HEAD that the accuser knew.
    package let version: MemberVersion

    package init(accuser: NodeID, subject: NodeID, version: MemberVersion) {
        self.accuser = accuser
        self.subject = subject
        self.version = version
    }

    /// By subject, then version, then accuser.
    package static func < (left: Accusation, right: Accusation) -> Bool {
        (left.subject, left.version, left.accuser) < (right.subject, right.version, right.accuser)
    }
}
