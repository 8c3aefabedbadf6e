package import Membership

/// The times and limits of a node.
package struct NodeSettings: Hashable, Sendable {
    package var membership = Roster.Settings()
    /// To how many live members a record is pushed on its first sight.
    package var fanOut = 4
    /// A view is made this long after the first of several changes.
    package var viewDelay = Duration.milliseconds(50)
    /// Between two tries to reach a configured peer that is not heard, before jitter.
    package var seedPeriod = Duration.seconds(5)
    /// The first tries come sooner, so that machines that start together meet quickly.
    package var eagerSeedPeriod = Duration.milliseconds(500)
    /// How long the first tries go on.
    package var eagerTime = Duration.seconds(10)
    /// A hello to one address at most this often.
    package var helloGap = Duration.seconds(1)
    /// Words against members that a probe or an answer carries, while there are fresh ones.
    package var casesPerProbe = 4
    /// Words against members that a peer which has just started is told at most: 112 bytes each.
    package var wordsForNewcomers = 180
    /// A suspect or dead member that is heard is shown the word against it at most this often.
    package var confrontationGap = Duration.seconds(1)
    /// When a dead member returned, others of the dead are dialled after this, before jitter.
    package var redialGap = Duration.milliseconds(50)
    /// How many of them at once.
    package var redials = 2
    /// Records that were signed so lately are told on by whoever gets them, newcomers too.
    package var freshTime = Duration.seconds(3)
    /// Members that return are asked for their digest at most this often: probes carry it, too.
    package var comparisonGap = Duration.milliseconds(500)
    /// How long a difference of digests may stand before it is reconciled even while records
    /// still arrive.
    package var divergencePatience = Duration.seconds(1)
    /// No record for so long means that what still differs will not come by itself.
    package var quietTime = Duration.milliseconds(300)
    /// Between two reconciliations that this node begins, before jitter.
    package var reconcileGap = Duration.seconds(1)
    /// Steps of one reconciliation before it gives way to others.
    package var reconcileRounds = 12
    /// Datagrams that one step of a reconciliation may be answered with.
    package var reconcileBudget = 16
    /// Peers whose reconciliations are answered at once; others are asked to come again.
    package var reconcileGuests = 8
    /// Members from whom whole subtrees are pulled at once.
    package var bulkLanes = 4
    /// A manifest's slots whose records are not here after this long are asked for.
    package var slotPatience = Duration.milliseconds(150)
    /// How long a service without address waits before its first declarer claims the next.
    package var settleTime = Duration.seconds(2)
    /// And each further declarer so much longer.
    package var rankStep = Duration.seconds(3)
    /// How long a further address of a service answers before it is given up.
    package var drainTime = Duration.seconds(15 * 60)
    /// How many declarations a service should have, its author's own among them.
    ///
    /// Nodes that host its endpoints copy it until there are so many; 1 turns that off.
    package var copies = 3
    /// How long a service must want a copy before the first host makes one.
    package var adoptionDelay = Duration.seconds(5)
    /// How long a copy must be needless before it is given up.
    package var orphanTime = Duration.seconds(30)
    /// Between two looks at what should be copied.
    package var adoptionPeriod = Duration.seconds(2)
    /// How long a node that leaves waits after it withdrew its endpoints, for flows to end.
    package var drainTimeOnLeave = Duration.seconds(2)
    /// How often a farewell is pushed, each time to others.
    package var farewells = 3
    /// Between two pushes of a farewell.
    package var farewellGap = Duration.milliseconds(100)
    /// Hours a HEAD lets its author be remembered.
    package var leaseHours: UInt32 = 72
    /// A lease is renewed when so many hours of it are left.
    package var leaseRenewalHours: UInt32 = 48
    /// Without any peer for so long, a node that waits for its peers begins to work alone.
    package var joinPatience = Duration.seconds(5)
    /// In contact with peers for so long, a node begins to work though no digest agreed yet:
    /// under steady change, or with a clock an hour off, none may ever do.
    package var joinLimit = Duration.seconds(30)
    /// Nobody heard for so long: the node says that it is alone.
    package var loneliness = Duration.seconds(10)

    package init() {}
}
