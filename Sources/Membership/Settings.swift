extension Roster {
    /// The times and limits of membership.
    ///
    /// All members of a cluster should use the same.
    package struct Settings: Hashable, Sendable {
        /// Between two probes of a node, before jitter of a tenth and before self-health.
        package var period = Duration.seconds(1)
        /// Every so many periods a member of the shuffled round is probed, beside the neighbour
        /// that is probed each period (see `Roster+Probing.swift`).
        package var periodsBetweenRoundProbes = 2
        /// How many names after its own a node watches at most, where the nearest are silent.
        package var maximumNeighbours = 8
        /// A direct probe waits at least this long, however near the peer is.
        package var minimumProbeTimeout = Duration.milliseconds(100)
        /// And at most this long; also where no round trip has been measured yet.
        package var maximumProbeTimeout = Duration.milliseconds(500)
        /// How many others are asked to probe whom we do not reach.
        package var relays = 3
        /// How many members probe a subject as soon as they hear a first accusation.
        package var jurors = 5
        /// Between two attempts to reach a dead member, before jitter of a quarter.
        package var dialPeriod = Duration.seconds(5)
        /// A member refutes at most once in this time: twice a second.
        package var refutationGap = Duration.milliseconds(500)
        /// An event that comes later than this after a deadline means that we slept.
        package var lateTolerance = Duration.milliseconds(250)

        /// Lifeguard allows 8.
        ///
        /// At 4 a verdict takes five periods at worst, so that a node that lost half of its peers
        /// in a partition still notices a crash in useful time.
        package var maximumSelfHealth = 4
        /// Members known at once.
        ///
        /// More HEADs are ignored: certificates should bound them first.
        package var maximumMembers = 32_768
        /// Accusers kept for one member.
        ///
        /// Six shorten the suspicion to its least, so more than these add nothing; one that does
        /// not count is dropped for one that does.
        package var maximumAccusers = 16
        /// Accusations kept in all whose HEAD has not come yet; the oldest is dropped.
        package var maximumEarlyAccusations = 1024
        /// Probes of our own in flight.
        ///
        /// A juror beyond that says nothing.
        package var maximumProbes = 64
        /// Probes on behalf of others in flight.
        ///
        /// Beyond that whoever asks for the most yields to whoever asks for less.
        package var maximumErrands = 64

        /// The values given here.
        package init() {}
    }
}
