package import Vocabulary

/// What the evidence says of a member.
///
/// The order is the order of a member's decline.
package enum MemberState: UInt8, Hashable, Comparable, Sendable, CaseIterable {
    /// Nothing, or too little, speaks against it.
    case alive
    /// Two accusers, or one in a cluster of two or three: new flows avoid it.
    case suspect
    /// Three accusers, or all others where fewer are left, and it had time to refute.
    case dead
    /// Its own HEAD says that it went.
    case left

    package static func < (left: MemberState, right: MemberState) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A node as seen through membership.
package struct Member: Hashable, Sendable {
    /// Its name; never our own.
    package let id: NodeID
    /// The version of the newest HEAD that is known here.
    package let version: MemberVersion
    /// What the evidence says now.
    package let state: MemberState
    /// When this node came to see it in that state.
    package let stateSince: Instant
    /// When the last authenticated packet came from it; `nil` where none did yet.
    package let lastHeard: Instant?
    /// Smoothed over its direct answers; `nil` before the first.
    package let roundTrip: Duration?
    /// Who accuses `version`, sorted; also those who are dead by now and do not count.
    package let accusers: [NodeID]
}

extension Roster {
    /// Everything the roster keeps about one member.
    struct Record: Sendable {
        let id: NodeID
        var version: MemberVersion
        var state: MemberState
        var stateSince: Instant
        /// Like `stateSince`, but time that this node slept through is not held against anyone.
        var suspectedFrom: Instant
        /// When the suspicion time is over; `.never` while too few accuse.
        var suspicionDue = Instant.never
        var lastHeard: Instant?
        var roundTrip: RoundTrip?
        /// Who accuses `version`, sorted, at most `Settings.maximumAccusers`.
        var accusers: [NodeID] = []

        /// Whether it is probed and may accuse: it neither died nor left.
        var isPresent: Bool { state < .dead }

        var member: Member {
            Member(
                id: id,
                version: version,
                state: state,
                stateSince: stateSince,
                lastHeard: lastHeard,
                roundTrip: roundTrip?.smoothed,
                accusers: accusers
            )
        }
    }
}
