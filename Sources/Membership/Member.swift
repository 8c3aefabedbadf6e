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
    /// When the last authenticated packet came from it; `nil` where none did in this run.
    package let lastHeard: Instant?
    /// Smoothed over its direct answers; `nil` before the first.
    package let roundTrip: Duration?
    /// Who accuses `version`, sorted; also those who are dead by now and do not count.
    package let accusers: [NodeID]
    /// Whether its last digest equalled ours when it came; `nil` where none came in this run, or
    /// it was of another hour.
    package let agrees: Bool?
}

extension Roster {
    /// What the roster keeps about every member: small, for there are ten thousand of them.
    ///
    /// What only the accused need is in a `Case`, and what follows from packets in `heard` and a
    /// `Contact`: so what changes with each of them is apart from what many simulated nodes share.
    struct Record: Sendable {
        var version: MemberVersion
        var stateSince: Instant
        var state: MemberState
        /// Whether it counts as heard when all were (`Roster.acquaintedAt`).
        var wasAcquainted = false

        init(version: MemberVersion, state: MemberState, since: Instant) {
            self.version = version
            self.state = state
            stateSince = since
        }

        /// Whether it is probed and may accuse: it neither died nor left.
        var isPresent: Bool { state < .dead }
    }

    /// What looks at each other showed of a member.
    struct Contact: Sendable {
        var roundTrip: RoundTrip?
        var agrees: Bool?
    }

    /// Takes note of a packet; of strangers nothing is kept.
    mutating func hear(_ id: NodeID, at now: Instant) {
        if heard.change(id, { $0 = now }) { return }
        guard let record = records[id] else { return }
        heard[id] = now
        // Who was acquainted counted as heard before.
        if !record.wasAcquainted { generation += 1 }
    }

    /// Takes note of what a look at a member showed; of strangers nothing is kept.
    mutating func note(_ id: NodeID, _ change: (inout Contact) -> Void) {
        if contacts.change(id, change) { return }
        guard records[id] != nil else { return }
        var contact = Contact()
        change(&contact)
        contacts[id] = contact
    }

    /// When the last authenticated packet of a member came; `nil` where none did in this run.
    package func lastHeard(_ id: NodeID) -> Instant? {
        if let heard = heard[id] { return heard }
        return records[id]?.wasAcquainted == true ? acquaintedAt : nil
    }

    /// What speaks against a member, and since when.
    struct Case: Sendable {
        /// Who accuses its version, sorted, at most `Settings.maximumAccusers`.
        private(set) var accusers: [NodeID] = []
        /// When the word of each accuser came.
        private(set) var heardAt: [Instant] = []
        /// When it became suspect; but time that this node slept through is not held against it.
        var suspectedFrom = Instant.zero
        /// When the suspicion time is over; `.never` while too few accuse.
        var suspicionDue = Instant.never

        mutating func admit(_ accuser: NodeID, at now: Instant) {
            let place = accusers.place(of: accuser)
            guard accusers.admit(accuser) else { return }
            heardAt.insert(now, at: place)
        }

        mutating func dismiss(_ accuser: NodeID) {
            let place = accusers.place(of: accuser)
            guard accusers.dismiss(accuser) else { return }
            heardAt.remove(at: place)
        }
    }
}
