import ControlAPI
import Gossip
import Registry
import Synchronization
import Translation
import Vocabulary

/// What the agent last made known, for whoever asks: values, replaced as a whole.
final class Board: Sendable {
    fileprivate struct State: Sendable {
        var publication: Publication?
        var inspection: Inspection?
        /// When the view first changed since somebody last asked for that.
        var changedAt: ContinuousClock.Instant?
        var table = TableStanding()
        var troubles: [Trouble: String] = [:]
        /// By the order in which the peers are configured.
        var unresolved: [UnresolvedPeer] = []
        var findings: [HostFinding] = []
        /// About the ports at which names are asked for.
        var nameFindings: [HostFinding] = []
        /// Where this machine answers for names, and rules can lead to.
        var nameServers: [PeerAddress] = []
        var hasSets = true
        var takenNodePorts: Set<LocalPort> = []
        var connections: [ConnectionCounts] = []
        var events = EventLog()
        /// Services that are not as their specs ask, as of the last publication.
        var troubled: [ServiceName: [ServiceTrouble]] = [:]
    }

    /// The parts that can be in trouble, each with one sentence at a time.
    enum Trouble: String, CaseIterable, Sendable {
        case configuration
        case disk
        case manifests
        /// The TCP port where readers are answered.
        case port
    }

    /// A configured peer whose name has no address.
    struct UnresolvedPeer: Hashable, Sendable {
        let peer: String
        /// What the resolver said.
        let reason: String
        let since: Instant
    }

    private let state = Mutex(State())
    private let zone: String
    /// Tells the table's keeper that there is something new; it reads the newest.
    let news: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    /// Tells who answers for names that there is something new.
    let nameNews: AsyncStream<Void>
    private let nameBell: AsyncStream<Void>.Continuation
    /// The same for those who follow what changes.
    let sights: AsyncStream<Void>
    private let sightBell: AsyncStream<Void>.Continuation
    private let wall: @Sendable () -> WallTime

    /// - Parameters:
    ///   - zone: What the zone of this machine is called; may be empty.
    ///   - wall: What the clock of this machine shows.
    init(zone: String = "", wall: @escaping @Sendable () -> WallTime) {
        self.zone = zone
        self.wall = wall
        (news, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (nameNews, nameBell) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        (sights, sightBell) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
    }

    func publish(_ publication: Publication) {
        let now = wall()
        state.withLock { state in
            if state.publication?.view.digest != publication.view.digest {
                state.changedAt = state.changedAt ?? ContinuousClock.now
            }
            state.publication = publication
            state.noteTroubles(of: publication, at: now)
        }
        bell.yield()
        nameBell.yield()
        sightBell.yield()
    }

    /// Wakes the table's keeper though nothing is new.
    func nudge() { bell.yield() }

    func close() { bell.finish() }

    var publication: Publication? { state.withLock { $0.publication } }

    /// What the node counted until its last alarm; `nil` before its first event.
    var inspection: Inspection? {
        get { state.withLock { $0.inspection } }
        set { state.withLock { $0.inspection = newValue } }
    }

    /// When the first change of the view came that was not asked for yet; `nil` where none did.
    func takeChange() -> ContinuousClock.Instant? {
        state.withLock { state in
            defer { state.changedAt = nil }
            return state.changedAt
        }
    }

    /// What the table should follow now.
    var tableOrder: TableOrder? {
        state.withLock { state in
            state.publication.map {
                TableOrder(
                    $0,
                    zone: zone,
                    hasSets: state.hasSets,
                    takenNodePorts: state.takenNodePorts,
                    nameServers: state.nameServers
                )
            }
        }
    }

    /// What names should follow now.
    var nameOrder: NameOrder? { publication.map(NameOrder.init) }

    /// Where this machine answers for names, and rules can lead to.
    var nameServers: [PeerAddress] {
        get { state.withLock { $0.nameServers } }
        set { state.withLock { $0.nameServers = newValue } }
    }

    /// Whether this machine has ipset, by which clients stay with their endpoints.
    var hasSets: Bool {
        get { state.withLock { $0.hasSets } }
        set { state.withLock { $0.hasSets = newValue } }
    }

    /// NodePorts that stay with a program of this machine.
    var takenNodePorts: Set<LocalPort> {
        get { state.withLock { $0.takenNodePorts } }
        set { state.withLock { $0.takenNodePorts = newValue } }
    }

    /// How it stands with the rules: what is known and not written yet counts as such.
    var table: StatusReply.Table {
        state.withLock { $0.table.reply(newest: $0.publication?.view.digest) }
    }

    /// Which services the kernel's rules hold as they are now.
    var programming: Programming { state.withLock { $0.table }.programming }

    /// Rises when more, less or something else is known to be written.
    var tableChanges: Int { state.withLock { $0.table.changes } }

    /// As `TableStanding.begin`.
    func beginWriting(_ view: ClusterView, onKnown isKnown: Bool) {
        state.withLock { $0.table.begin(view, onKnown: isKnown) }
    }

    /// As `TableStanding.end`; where something changed, whoever watches looks.
    func setTable(_ table: StatusReply.Table, for view: ClusterView?) {
        if state.withLock({ $0.table.end(table, for: view) }) { sightBell.yield() }
    }

    func setTrouble(_ part: Trouble, _ sentence: String?) {
        state.withLock { $0.troubles[part] = sentence }
    }

    /// What is said of a part now.
    func trouble(_ part: Trouble) -> String? { state.withLock { $0.troubles[part] } }

    /// One sentence for each part in trouble, in a fixed order, for each peer without address, and
    /// about the machine and its rules.
    var troubles: [String] {
        state.withLock { state in
            Trouble.allCases.compactMap { state.troubles[$0] }
                + state.unresolved.map { "\(UnresolvedPeer.code) \($0.message) \($0.next)" }
                + (state.findings + state.nameFindings).filter { $0.weight > .note }
                .map { "\($0.code) \($0.words)" }
        }
    }

    /// The configured peers whose names lead nowhere now.
    var unresolved: [UnresolvedPeer] {
        get { state.withLock { $0.unresolved } }
        set { state.withLock { $0.unresolved = newValue } }
    }

    /// Why somebody cannot ask for names.
    var nameFindings: [HostFinding] { state.withLock { $0.nameFindings } }

    /// Takes what is to be said of this machine and its rules now, and tells the journal what
    /// began and what ended.
    func setFindings(_ findings: [HostFinding], journal: Journal) {
        replace(\.findings, with: findings, journal: journal)
    }

    /// As `setFindings`, of the ports at which names are asked for.
    func setNameFindings(_ findings: [HostFinding], journal: Journal) {
        replace(\.nameFindings, with: findings, journal: journal)
    }

    private func replace(
        _ kept: any WritableKeyPath<State, [HostFinding]> & Sendable,
        with findings: [HostFinding],
        journal: Journal
    ) {
        let before = state.withLock { state -> [HostFinding] in
            defer { state[keyPath: kept] = findings }
            return state[keyPath: kept]
        }
        guard findings != before else { return }
        for finding in findings where !before.contains(finding) {
            if finding.weight == .note {
                journal.relieve(finding.code, finding.words)
            } else {
                journal.warn(finding.code, finding.words)
            }
        }
        let codes = Set(findings.map(\.code))
        for code in Set(before.map(\.code)).subtracting(codes).sorted() {
            journal.relieve(code, "no more: \(before.first { $0.code == code }?.words ?? "")")
            journal.gauge(.troubles, ["code": code], to: 0)
        }
        for code in codes.sorted() {
            let count = findings.count { $0.code == code }
            journal.gauge(.troubles, ["code": code], to: Double(count))
        }
    }

    /// New connections, for each service port by `ChainName.portKey`.
    var connections: [String: ConnectionCounts.Sum] {
        state.withLock { $0.connections }.reduce(into: [:]) { lists, counts in
            // Order does not matter: sums.
            for (chain, sum) in counts.byChain {
                lists[chain, default: ConnectionCounts.Sum()].add(sum)
            }
        }
    }

    /// What was counted, by address family.
    func setConnections(_ counts: [ConnectionCounts]) {
        state.withLock { $0.connections = counts }
    }

    /// Remembers what happened, where it happened to a service.
    func note(_ incident: Incident) {
        guard let happening = incident.happening else { return }
        let now = wall()
        state.withLock { $0.events.note(happening, at: now) }
    }

    /// The latest events that are asked for, oldest first.
    func events(namespace: String?, name: String?, limit: Int) -> [ServiceEvent] {
        let now = wall()
        let log = state.withLock { $0.events }
        return log.events(namespace: namespace, name: name, limit: limit, at: now)
    }

    /// What nodes are called, for messages.
    var names: NameList { publication.map(NameList.init) ?? NameList([]) }
}

extension Board.State {
    /// Remembers the troubles that services did not have before; while the node starts, much
    /// comes into sight that is none.
    fileprivate mutating func noteTroubles(of publication: Publication, at now: WallTime) {
        guard publication.phase != .joining else { return }
        let names = NameList(publication.nodes)
        var troubled: [ServiceName: [ServiceTrouble]] = [:]
        for service in publication.view.services where !service.troubles.isEmpty {
            troubled[service.name] = service.troubles
            let known = self.troubled[service.name] ?? []
            for trouble in service.troubles where !known.contains(trouble) {
                let (reason, message) = trouble.explanation { names[$0] }
                events.note(
                    EventLog.Happening(
                        service: service.name,
                        isWarning: true,
                        reason: reason,
                        message: message
                    ),
                    at: now
                )
            }
        }
        self.troubled = troubled
    }
}
