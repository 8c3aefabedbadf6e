package import Vocabulary

/// Who is alive, as a view computed from signed evidence (gossip design, section 2).
///
/// The roster watches the other members, accuses those that do not answer, and judges by the
/// accusations it knows: a member is never judged on one word or one bad link. It is a step
/// function: events go in, effects come out, time and chance are arguments.
package struct Roster: Sendable {
    let myself: NodeID
    let settings: Settings
    let rank: @Sendable (_ subject: NodeID, _ incarnation: UInt64, _ juror: NodeID) -> UInt64
    var random: RandomStream

    /// When `.deadlineReached` is due.
    ///
    /// An earlier or repeated alarm is harmless.
    package private(set) var nextDeadline: Instant

    // MARK: Who there is, sorted by name.

    var records = NodeMap<Record>()
    /// When the last authenticated packet came from each, of those from whom one came.
    var heard = NodeMap<Instant>()
    /// What looks at each other showed, of those with whom there was one.
    var contacts = NodeMap<Contact>()
    /// When those that were met all at once were.
    var acquaintedAt: Instant?
    /// Those that neither died nor left: whom we probe.
    var present = NodeSet()
    /// Rises whenever a member comes, goes, changes its state or is heard for the first time:
    /// whoever remembers it knows whether to look again.
    package internal(set) var generation: UInt64 = 0
    /// Those of `present` that nobody suspects.
    var aliveCount = 0
    var dead: [NodeID] = []

    // MARK: The evidence.

    /// What speaks against the accused.
    var cases: [NodeID: Case] = [:]

    /// The version of our own HEAD; `nil` until we are told.
    var myVersion: MemberVersion?
    /// Who is accused, sorted.
    var accused: [NodeID] = []
    /// Whom a member accuses, sorted: to judge these again when it dies or returns.
    var subjects: [NodeID: [NodeID]] = [:]
    var early: EarlyAccusations
    /// Whose state may not be what the evidence says; empty between two events.
    var unsettled: [NodeID] = []
    var lastRefutation: Instant?
    var refutations = Refutations()

    // MARK: The probes.

    var probes: [Probe] = []
    var errands: [Errand] = []
    var notes = ProbeNotes()
    var doubts = Doubts()
    var lastNumber: UInt32
    var periods = 0
    var round = Round()
    var dialRound = Round()
    var health: SelfHealth
    /// Over all members: what to expect of one that was never measured.
    var typicalRoundTrip: RoundTrip?
    /// What the latest event told of the ways to others.
    package internal(set) var measured: [Measurement] = []

    // MARK: What is due. An alarm at another time than these is an old one.

    enum Alarm: Hashable, Sendable {
        case period
        case probe(ProbeNumber)
        case errand(ProbeNumber)
        case suspicion(NodeID)
        case refutation
        case dial
    }
    var agenda = Agenda<Alarm>()
    var periodDue: Instant
    var refutationDue = Instant.never
    var dialDue = Instant.never

    /// Knows nobody yet.
    ///
    /// - Parameters:
    ///   - myself: Whose view this is; never one of the members.
    ///   - settings: The times and limits.
    ///   - random: Drawn from for the order and jitter of probes; not secret.
    ///   - rank: Orders the possible jurors of (subject, incarnation). It must be the same
    ///     function on all members: BLAKE2b in production.
    ///   - now: The first probes follow within a period of this.
    package init(
        myself: NodeID,
        settings: Settings,
        random: RandomStream,
        rank:
            @escaping @Sendable (
                _ subject: NodeID, _ incarnation: UInt64, _ juror: NodeID
            ) -> UInt64,
        at now: Instant
    ) {
        self.myself = myself
        self.settings = settings
        self.random = random
        self.rank = rank
        lastNumber = UInt32(truncatingIfNeeded: self.random.next())
        early = EarlyAccusations(limit: settings.maximumEarlyAccusations)
        health = SelfHealth(maximum: settings.maximumSelfHealth)
        // A mass start must not probe in step.
        periodDue = now + self.random.duration(below: settings.period)
        nextDeadline = periodDue
        agenda.set(.period, at: periodDue)
    }

    /// Takes one event and appends what must be done about it, in order.
    package mutating func handle(
        _ event: Event,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        if !measured.isEmpty { measured = [] }
        if now > nextDeadline + settings.lateTolerance { forgiveSleep(until: now) }
        switch event {
        case .headSeen(let id, let version, let left):
            if id == myself {
                renew(to: version, at: now, into: &effects)
            } else {
                see(id, version, left: left, at: now, into: &effects)
            }
        case .forgotten(let id):
            forget(id)
        case .deadlineReached:
            ringAlarms(at: now, into: &effects)
        case .heard(let id):
            hear(id, at: now)
        case .acknowledged(let number, let node):
            acknowledge(number, by: node, at: now, into: &effects)
        case .relayFailed(let number, let relay):
            noteFailure(of: number, by: relay)
        case .relayAsked(let number, let target, let asker):
            runErrand(number, target: target, for: asker, at: now, into: &effects)
        case .accused(let accusation):
            weigh(accusation, at: now, into: &effects)
        case .compared(let id, let agrees):
            note(id) { $0.agrees = agrees }
        case .refused(let id):
            noteRefusal(by: id, at: now, into: &effects)
        }
        settle(at: now, into: &effects)
        dropOldAlarms()
    }
}

// MARK: - Alarms

extension Roster {
    private mutating func ringAlarms(at now: Instant, into effects: inout [Effect]) {
        while let (due, alarm) = agenda.first, due <= now {
            agenda.removeFirst()
            guard isCurrent(alarm, at: due) else { continue }
            switch alarm {
            case .period: beginPeriod(at: now, into: &effects)
            case .probe(let number): advanceProbe(number, at: now, into: &effects)
            case .errand(let number): failErrand(number, into: &effects)
            case .suspicion(let id): unsettled.append(id)
            case .refutation: refute(at: now, into: &effects)
            case .dial: dialDead(at: now, into: &effects)
            }
        }
    }

    private func isCurrent(_ alarm: Alarm, at due: Instant) -> Bool {
        switch alarm {
        case .period: periodDue == due
        case .probe(let number): probes.contains { $0.number == number && $0.due == due }
        case .errand(let number): errands.contains { $0.number == number }
        case .suspicion(let id): cases[id]?.suspicionDue == due
        case .refutation: refutationDue == due
        case .dial: dialDue == due
        }
    }

    private mutating func dropOldAlarms() {
        while let (due, alarm) = agenda.first, !isCurrent(alarm, at: due) {
            agenda.removeFirst()
        }
        nextDeadline = agenda.first?.due ?? .never
    }

    /// We slept, or were starved: what did not arrive in that time is nobody's fault but ours.
    ///
    /// Probes and errands in flight end without a verdict, and the time is not counted against
    /// those who are suspected: their refutations wait in our socket.
    private mutating func forgiveSleep(until now: Instant) {
        let lateness = now - nextDeadline
        health.worsen()
        probes = []
        errands = []
        for id in accused where records[id]?.state == .suspect {
            guard var file = cases[id] else { continue }
            file.suspectedFrom = file.suspectedFrom + lateness
            file.suspicionDue = file.suspicionDue + lateness
            cases[id] = file
            agenda.set(.suspicion(id), at: file.suspicionDue)
        }
        periodDue = max(periodDue, now)
        agenda.set(.period, at: periodDue)
        if refutationDue < now {
            refutationDue = now
            agenda.set(.refutation, at: now)
        }
        if dialDue < now {
            dialDue = now
            agenda.set(.dial, at: now)
        }
    }
}
