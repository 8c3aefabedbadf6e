import ControlAPI
import Host
import Registry
import Translation
import Vocabulary

/// One run of the keeper: both families' tables, the machine around them, and what is said of
/// all that.
struct TableShift: Sendable {
    let board: Board
    let journal: Journal
    let health: HealthPorts
    private var landlord: Landlord
    private(set) var nodePorts = NodePortWatch()
    private(set) var works: [TableWork] = []
    private(set) var flavour = Iptables.Flavour.nft
    private(set) var lost = LostEndpoints()
    private var followed: ViewDigest?
    /// What the kernel's rules were written for last; `nil` before that.
    private(set) var written: ClusterView?
    /// About the machine, as of the last inspection.
    private(set) var findings: [HostFinding] = []
    private(set) var mixed: [HostFinding] = []
    /// About the last try to write, by family.
    private(set) var failures: [IPAddress.Family: String] = [:]
    /// Since when something waits to be written, by family.
    private var pendingSince: [IPAddress.Family: Instant] = [:]
    /// When this node came to know of the first thing that is not written yet; `nil` where the
    /// kernel has all of it.
    private var waitingSince: ContinuousClock.Instant?
    /// What a frozen run found in the kernel last, by family.
    private var resting: [IPAddress.Family: TranslationTable] = [:]
    private var restingLooks = LookPlan()
    /// What a frozen run found last to be what was asked for, by family.
    private var agreed: [IPAddress.Family: TranslationTable] = [:]
    /// Whether a frozen run last found the rules of which it knows what they were written for.
    private var restingStands = false
    private var duty = Duty.waiting
    private var inspectedAt: Instant?
    private var detectedAt = Instant.zero
    /// `table cleanup` was asked for: nothing is written until the next start.
    private(set) var isSuspended = false
    var isFrozen = false

    /// What the latest run was there for.
    private enum Duty {
        /// Nothing but a new order: too little is known, the rules were cleaned up, or the machine
        /// refuses them.
        case waiting
        /// To see what becomes of rules that it must leave alone.
        case watching
        case writing
    }

    /// How often the machine is looked at.
    static let inspectionPeriod = Duration.seconds(10)
    /// How often rules in the other flavour are looked for.
    static let detectionPeriod = Duration.seconds(300)

    init(landlord: Landlord, board: Board, health: HealthPorts, journal: Journal) {
        self.landlord = landlord
        self.health = health
        self.board = board
        self.journal = journal
    }

    var families: [IPAddress.Family] { works.map(\.family) }

    /// Finds out which iptables is there.
    ///
    /// - Throws: `IptablesError`.
    mutating func detect() async throws {
        let detection = try await Iptables().detect()
        flavour = detection.flavour
        works = [TableWork(.v4, Iptables(), flavour)]
        journal.inform("writes rules with iptables \(detection.version) (\(detection.flavour))")
        mixed = [detection.warning].compactMap(\.self).map { HostFinding($0) }
        detectedAt = MonotonicClock.now()
        board.hasSets = Ipset.isInstalled
        tell()
    }

    /// Looks soon where there is a sign that somebody changed rules.
    mutating func heed(_ signs: ChangeSigns, at now: Instant) {
        var own = OwnWriters()
        for work in works { own.note(work.writers) }
        guard signs.take(families, own: own, at: now) else { return }
        if isFrozen { restingLooks.ask(at: now) }
        ask(at: now)
    }

    private mutating func ask(at now: Instant) {
        for index in works.indices { works[index].looks.ask(at: now) }
    }

    /// How often rules were written since the start.
    var generation: Int { works.reduce(0) { $0 + $1.generation } }

    /// When to come back though nothing is new.
    func nextDeadline(after now: Instant) -> Instant {
        // Who may not write now has no deadline that a write would move on: it comes by now and then.
        let visit = now + Self.inspectionPeriod
        switch duty {
        case .waiting: return visit
        case .watching: return min(visit, restingLooks.nextDeadline)
        case .writing:
            let inspection = (inspectedAt ?? now) + Self.inspectionPeriod
            let own = works.map(\.nextDeadline)
            return ([inspection, lost.nextDeadline] + own).min() ?? inspection
        }
    }

    // MARK: Writing

    /// Brings the kernel to what is ordered.
    mutating func work(on order: TableOrder, at now: Instant) async {
        duty = .waiting
        // Before a node has met anybody, or remembered, it knows nothing worth writing.
        guard order.isReady else { return }
        if order.families.contains(.v6), !families.contains(.v6) { await beginV6() }
        let isNew = followed != order.view.digest
        nodePorts.look(at: order, isNew: isNew, at: now)
        board.takenNodePorts = nodePorts.taken
        let order = order.leaving(nodePorts.taken)
        if isNew {
            lost.follow(order.view, isDead: order.isDead, at: now)
            followed = order.view.digest
        } else {
            lost.forget(isDead: order.isDead, at: now)
        }
        guard !isFrozen, !isSuspended else {
            // Who is here to answer changes all the same, and a load balancer must know.
            for index in works.indices { _ = works[index].rules(for: order, dead: []) }
            if isFrozen {
                duty = .watching
                if isNew { restingLooks.ask(at: now) }
                await findResting(order, at: now)
            }
            return tell()
        }
        await inspect(order, at: now)
        if !findings.contains(where: { $0.weight == .refusal }) {
            duty = .writing
            for index in works.indices { await bring(index, to: order, at: now) }
            noteProgrammed(order.view)
        }
        tell()
    }

    /// Looks now and then at the rules that are there, of which a frozen run writes none, and soon
    /// after signs that somebody changed them.
    private mutating func findResting(_ order: TableOrder, at now: Instant) async {
        guard restingLooks.isDue(at: now) else { return }
        restingLooks.begin()
        var found: [IPAddress.Family: TranslationTable] = [:]
        var (isAsWritten, isAsWanted) = (true, true)
        for index in works.indices {
            let family = works[index].family
            let table = await works[index].readOurs()
            found[family] = table
            let known = agreed[family] ?? works[index].written
            let wanted = works[index].wanted(order, dead: lost.addresses(of: family))
            if table.flatMap({ known?.drift(in: $0).isEmpty }) != true { isAsWritten = false }
            if table.map({ wanted.drift(in: $0).isEmpty }) != true { isAsWanted = false }
        }
        resting = found
        restingStands = isAsWritten || isAsWanted
        // What is asked for now may be what an earlier run wrote, or nothing new for the rules.
        if isAsWanted {
            agreed = found
            written = order.view
        }
        restingLooks.end(at: MonotonicClock.now(), since: now)
    }

    /// Whether the kernel's rules are known to be those that were written last.
    var stands: Bool { isFrozen ? restingStands : works.allSatisfy { $0.written != nil } }

    /// The rules of a family that are in the kernel, as far as this run knows.
    func present(_ work: TableWork) -> TranslationTable? {
        if isFrozen, let found = resting[work.family] { return found }
        return work.written
    }

    /// There is something new to write, known since then.
    mutating func queue(since change: ContinuousClock.Instant) {
        waitingSince = min(change, waitingSince ?? change)
        journal.gauge(.lastQueued, to: Self.timestamp())
    }

    /// Measures how long what was known waited, where the kernel has all of it now.
    private mutating func noteProgrammed(_ view: ClusterView) {
        guard failures.isEmpty, works.allSatisfy({ $0.written != nil }) else { return }
        written = view
        journal.gauge(.lastSync, to: Self.timestamp())
        guard let since = waitingSince else { return }
        waitingSince = nil
        journal.observe(.programmingDuration, value: (ContinuousClock.now - since).seconds)
    }

    private static func timestamp() -> Double { Double(WallClock.now().milliseconds) / 1000 }

    /// The cluster has IPv6 addresses: so has the table.
    private mutating func beginV6() async {
        do {
            let version = try await Iptables().detect(.v6).flavour
            works.append(TableWork(.v6, Iptables(), version))
            failures[.v6] = nil
        } catch {
            failures[.v6] = "\(error)"
        }
    }

    private mutating func inspect(_ order: TableOrder, at now: Instant) async {
        if let inspectedAt, now < inspectedAt + Self.inspectionPeriod { return }
        inspectedAt = now
        health.tryAgain()
        var hasRules = works.contains { $0.written != nil }
        if !hasRules, let found = try? await TableAtRest.read(Iptables()) {
            hasRules = found != .empty
        }
        findings = await landlord.inspect(order, hasRules: hasRules, at: now)
        if now >= detectedAt + Self.detectionPeriod, let detection = try? await Iptables().detect()
        {
            mixed = [detection.warning].compactMap(\.self).map { HostFinding($0) }
            detectedAt = now
        }
    }

    private mutating func bring(_ index: Int, to order: TableOrder, at now: Instant) async {
        let family = works[index].family
        let dead = lost.addresses(of: family)
        let isPending = works[index].written == nil || works[index].isNew(order, dead: dead)
        notePending(isPending, family, at: now)
        if works[index].isDue(order, dead: dead, at: now) {
            do {
                let board = board
                let outcome = try await works[index].write(order, dead: dead, at: now) {
                    board.beginWriting(order.view, onKnown: $0)
                }
                failures[family] = nil
                notePending(false, family, at: now)
                note(outcome, family, since: now)
            } catch {
                works[index].fail(error, at: MonotonicClock.now())
                let reason = (error as? IptablesError)?.label ?? "other"
                journal.count(.syncFailures, ["reason": reason])
                journal.fail("table", "\(error)")
                failures[family] = "\(error)"
            }
        }
        guard works[index].written != nil else { return }
        do {
            let ranges = order.view.ranges.serviceRanges(of: family)
            guard let done = try await works[index].flows.clean(ranges: ranges, at: now) else {
                return
            }
            journal.count(.conntrackLooks)
            journal.count(.conntrackDeleted, by: done.forgotten)
            if done.forgotten > 0 {
                journal.inform(
                    "\(done.forgotten) of \(done.seen) \(family) flows of UDP led where no rule "
                        + "leads any more; the kernel forgot them"
                )
            }
            failures[family] = nil
        } catch {
            journal.count(.conntrackFailures)
            journal.lag("conntrack", "\(error)")
        }
    }

    /// Tells who asks for health how long something has been waiting to be written: also while
    /// this very write does not end.
    private mutating func notePending(
        _ isPending: Bool,
        _ family: IPAddress.Family,
        at now: Instant
    ) {
        pendingSince[family] = isPending ? pendingSince[family] ?? now : nil
        health.set(standing)
    }

    /// How it stands with the rules.
    var standing: HealthPorts.Table {
        if isSuspended { return .absent }
        // Those of an earlier run are there, and meant to stay.
        if isFrozen { return .written(pendingSince: nil) }
        guard works.allSatisfy(\.hasStood) else { return .absent }
        return .written(pendingSince: pendingSince.values.min())
    }

    private func note(_ outcome: TableWork.Outcome, _ family: IPAddress.Family, since: Instant) {
        for drift in outcome.drift {
            journal.count(.driftRepairs)
            journal.warn("GV2021", "\(family): \(drift): somebody changed our rules; repaired")
        }
        for standing in outcome.quarantined {
            journal.warn("GV2022", standing.words)
        }
        guard outcome.hasWritten else { return }
        let time = MonotonicClock.now() - since
        journal.observe(.syncDuration, ["backend": flavour.rawValue], value: time.seconds)
    }

    // MARK: Orders of people

    mutating func cleanUp() async -> TableCleanup? {
        let removed = try? await TableAtRest.cleanUp()
        isSuspended = true
        resting = [:]
        agreed = [:]
        written = nil
        for index in works.indices { works[index].forget() }
        tell()
        return removed
    }

    mutating func freeze(_ isFrozen: Bool) {
        // Until the kernel was looked at, which is soon.
        restingStands = isFrozen && stands
        self.isFrozen = isFrozen
        resting = [:]
        agreed = [:]
        restingLooks = LookPlan()
        // Nothing is tried any more, or all is tried anew.
        failures = [:]
        // Whatever happened meanwhile is looked at as after a start.
        if !isFrozen { for index in works.indices { works[index].doubt() } }
        journal.relieve("GV2025", isFrozen ? "frozen: no rule is written" : "not frozen any more")
        tell()
    }
}
