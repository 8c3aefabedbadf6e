/// Why a member counts as it does, as the node that answers sees it.
package struct MemberCaseReply: Codable, Hashable, Sendable {
    package private(set) var kind = "MemberCase"
    package private(set) var apiVersion = "grapevine/v1"
    package var member: Member
    /// For how long it has been in its state.
    package var stateSeconds: Double
    /// Which of its starts is meant; rises with each.
    package var incarnation: UInt64
    /// How often it signed its HEAD in this start: a refutation signs it anew.
    package var sequence: UInt64
    /// The names of those who look for themselves when the first word against it comes.
    package var jurors: [String]
    /// What is said against it, by the accuser's name.
    package var words: [Word]
    /// When it counts as dead unless it refutes; absent where it is not suspect, or too few accuse.
    package var deadInSeconds: Double?
    /// How many accusers make it suspect.
    package var neededToSuspect: Int
    /// How many accusers bury it, once the suspicion time is over.
    package var neededToBury: Int
    /// Our own last probe of it; absent where there was none lately.
    package var lastProbe: Probe?
    package var troubles: [TroubleNote]
    /// How well the node that answers is itself: 0 is well, and more makes it slower to judge.
    package var selfHealth: Int

    /// One member's word.
    package struct Word: Codable, Hashable, Sendable {
        package let accuser: String
        /// Since it came here.
        package let seconds: Double
        /// Whether it counts: that of a dead or departed member does not.
        package let counts: Bool

        package init(accuser: String, seconds: Double, counts: Bool) {
            self.accuser = accuser
            self.seconds = Member.toThousandths(seconds)
            self.counts = counts
        }
    }

    /// What came of a probe.
    package struct Probe: Codable, Hashable, Sendable {
        /// Since it began.
        package let seconds: Double
        package let outcome: Outcome
        /// Of a direct answer.
        package let milliseconds: Double?
        /// Who reached it in our place.
        package let relay: String?
        package let relaysAsked: Int?
        /// How many of them said that it did not answer them either.
        package let relaysThatFailed: Int?

        package enum Outcome: String, Codable, CaseIterable, Sendable {
            case pending, answered, answeredThroughRelay, failed, refused
        }

        package init(
            seconds: Double,
            outcome: Outcome,
            milliseconds: Double? = nil,
            relay: String? = nil,
            relaysAsked: Int? = nil,
            relaysThatFailed: Int? = nil
        ) {
            self.seconds = Member.toThousandths(seconds)
            self.outcome = outcome
            self.milliseconds = milliseconds.map(Member.toThousandths)
            self.relay = relay
            self.relaysAsked = relaysAsked
            self.relaysThatFailed = relaysThatFailed
        }
    }

    package init(
        member: Member,
        stateSeconds: Double,
        incarnation: UInt64,
        sequence: UInt64,
        jurors: [String] = [],
        words: [Word] = [],
        deadInSeconds: Double? = nil,
        neededToSuspect: Int,
        neededToBury: Int,
        lastProbe: Probe? = nil,
        troubles: [TroubleNote] = [],
        selfHealth: Int
    ) {
        self.member = member
        self.stateSeconds = Member.toThousandths(stateSeconds)
        self.incarnation = incarnation
        self.sequence = sequence
        self.jurors = jurors.sorted()
        self.words = words.sorted { $0.accuser < $1.accuser }
        self.deadInSeconds = deadInSeconds.map(Member.toThousandths)
        self.neededToSuspect = neededToSuspect
        self.neededToBury = neededToBury
        self.lastProbe = lastProbe
        self.troubles = troubles
        self.selfHealth = selfHealth
    }
}
