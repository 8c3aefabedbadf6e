import Membership
package import Registry
import Sodium
package import Vocabulary
package import Wire

/// One node, as a value: it never waits, never fails, never looks at a clock, and tosses no
/// coin that is not its own.
///
/// The agent runs it under real time and the simulator under virtual time; there is no third
/// version.
package struct GossipNode {
    let settings: NodeSettings
    var identity: Identity
    let check: SignatureCheck
    let reader: RecordReader
    var pen: Pen
    /// Of what all manifests were found to be signed.
    var manifestsOf: ManifestSource?
    /// Whether the pen's incarnation is on disk, so that it may sign.
    var maySign = false
    /// Whether a root said that this node is a member no more.
    var isExpelled = false
    var store: RecordStore
    var roster: Roster
    var evidence = Evidence()
    var peers: PeerBook
    var estate = Estate()
    var outbox = Outbox()
    /// What is to be passed on.
    var news = News()
    /// What is to be passed on of what speaks against members.
    var wordLine = WordLine()
    /// What others have and this node lacks.
    var wants = Wants()
    /// Places of HEADs of which the ones here are no base for a renewal.
    var baseless: Set<UInt64> = []
    /// Slots that manifests speak of and whose records are not here, by due time.
    var expected: [ExpectedSlots] = []
    /// Whether what waits must leave with this event, for nothing is said afterwards.
    var isHurried = false
    /// Whether commands are being carried out together.
    var isBatch = false
    /// The services that follow from the store, as of the last look.
    var index: ServiceIndex
    /// The names of the nodes, as of that look.
    var names = NodeNames()
    /// Whose standing changed since then.
    var judged: [NodeID] = []
    /// Addresses that changed since that was told.
    var addressChanges: [AddressChange] = []
    /// Records that changed since the disk was told.
    var unsaved: [RecordKey] = []
    var reconciler = Reconciler()
    /// The digest that was told last, and of which generation of the store it is.
    var latestDigest: (generation: UInt64, digest: StoreDigest)?
    /// What probes said of the store.
    var probed = ProbedDigests()
    var receipts = Receipts()
    /// When the next `deadline` event is due.
    ///
    /// Kept, so that to ask for it copies nothing of the node.
    package internal(set) var nextDeadline = Instant.never
    var random: RandomStream
    var secrets: SecretStream
    var clock = ClusterClock()

    // MARK: What was published last, and why it may be out of date.

    var publication: Publication?
    var phase: Publication.Phase = .joining
    var viewDue = Instant.never
    /// Whether anything changed that the view is made of.
    var viewIsStale = true
    private var viewHour: UInt32 = 0
    /// When own claims want another look though nothing came in.
    var claimsDue = Instant.never

    // MARK: Peers.

    /// When more of the dead are dialled because one of them returned.
    var redialDue = Instant.never
    /// When the next member that returns may be asked for its digest.
    var comparisonDue = Instant.zero
    var seeds = SeedWatch()
    var whereabouts = Whereabouts()
    var troubles = TroubleBook()
    var strangers = StrangerNotes()
    var wordGate = WordGate()
    /// Against records that nobody signed.
    var recordGate = RecordGate()
    /// Against HEADs whose certificates no root of ours signed: an honest member may trust another.
    var headGate = RecordGate()
    var elsewhere = Elsewhere()
    var twins = Twins()
    var unheeded = Unheeded()
    var sizeCheck: SizeCheck
    /// Datagrams that came and went, by what they were for.
    var packets = PacketTally()
    var outsiders = OutsiderBook()
    /// Members that were never heard in this run and came from the disk or with the first
    /// reconciliation: nobody is told that they live before they are heard.
    var unannounced: Set<NodeID> = []
    var seedsDue: Instant
    var startedAt: Instant
    /// When an authenticated packet came last, from anyone; time that this node slept through is
    /// not counted.
    var lastHeard: Instant?
    /// The version of this node's own HEAD.
    var headVersion: MemberVersion?
    var leaseEnd: UInt32 = 0
    /// How often this node had to give way to another run under its key.
    var rivalry = Rivalry()
    /// Whether this node fell silent: another one runs under its key, or it left.
    var isSilent: Bool { phase == .stopped || phase == .left }
    /// What is left to do of a leave; `nil` while nobody asked for one.
    var farewell: Farewell?
    var housekeepingDue: Instant
    /// When to look again at what should be copied.
    var adoptionDue = Instant.zero
    /// Since when services that are hosted here want another copy.
    var wantedCopies: [ServiceName: Instant] = [:]

    /// A node that was just started.
    ///
    /// It says nothing before its first `wallClock` event. `memory` is what its disk held; the
    /// incarnation in it is durable already.
    package init(
        identity: Identity,
        memory: Memory,
        settings: NodeSettings = NodeSettings(),
        check: SignatureCheck,
        reader: RecordReader = .real,
        seals: Seals = .real,
        at now: Instant
    ) {
        self.identity = identity
        self.settings = settings
        self.check = check
        self.reader = reader
        let cluster = identity.anchor.cluster
        pen = Pen(key: identity.key, cluster: cluster, incarnation: memory.incarnation)
        store = RecordStore(anchor: identity.anchor, sharing: reader.sharing)
        index = ServiceIndex(cluster: cluster)
        roster = Roster(
            myself: identity.node,
            settings: settings.membership,
            random: RandomStream(identity.seed, "roster"),
            rank: jurorRank,
            at: now
        )
        peers = PeerBook(
            agreement: identity.agreement,
            myself: identity.node,
            cluster: cluster,
            seals: seals
        )
        random = RandomStream(identity.seed, "node")
        secrets = SecretStream(identity.entropy)
        startedAt = now
        sizeCheck = SizeCheck(at: now)
        seedsDue = now
        housekeepingDue = now
        leaseEnd = memory.leaseEnd
        estate.restore(memory)
        self.memory = memory
    }

    /// Held until the first wall clock reading, which the records in it are judged by.
    var memory: Memory?

    package var id: NodeID { identity.node }

    /// Takes one event and appends what must be done about it, in order.
    package mutating func handle(_ event: Event, at now: Instant, into effects: inout Effects) {
        take(event, at: now, into: &effects)
        findDeadline()
    }

    private mutating func take(_ event: Event, at now: Instant, into effects: inout Effects) {
        guard !isSilent else { return answerInSilence(event, into: &effects) }
        switch event {
        case .datagram(let bytes, let source):
            guard clock.isSet else { return }
            receive(bytes, from: source, at: now, into: &effects)
        case .deadline:
            guard clock.isSet else { return }
            ringAlarms(at: now, into: &effects)
        case .wallClock(let reading):
            let isFirst = !clock.isSet
            let jumped = clock.set(reading, at: now)
            if isFirst { start(at: now, into: &effects) }
            if jumped { beginAnew(at: now, into: &effects) }
        case .seeds(let addresses):
            seeds.configure(addresses.filter { !identity.addresses.contains($0) }, at: now)
        case .unreachable(let address):
            noteUnreachable(address, at: now, into: &effects)
        case .command(.confirm(let patience), let ticket):
            confirm(ticket, within: patience, at: now, into: &effects)
        case .command(.leave, let ticket):
            leave(ticket, at: now, into: &effects)
        case .command(let command, let ticket):
            let outcome = carryOut(command, at: now, into: &effects)
            effects.append(.answer(ticket, outcome))
        case .secured(let incarnation):
            guard incarnation == pen.incarnation else { return }
            maySign = !isExpelled
            publishRecords(at: now, into: &effects)
        }
        flush(at: now, into: &effects)
        if isExpelled { maySign = false }
    }

    /// Says to whoever asks why this node says nothing.
    private func answerInSilence(_ event: Event, into effects: inout Effects) {
        guard case .command(let command, let ticket) = event else { return }
        switch (command, phase) {
        case (.leave, .left): effects.append(.answer(ticket, .left))
        case (_, .left): effects.append(.answer(ticket, .refused(.leaving)))
        default: effects.append(.answer(ticket, .refused(.stopped)))
        }
    }

    /// Finds out when the next `deadline` event is due.
    ///
    /// In place, for it is done after each event: a node is 5 KB, and what merely returned the
    /// deadline would be given a copy of it. No array either.
    private mutating func findDeadline() {
        guard clock.isSet, !isSilent else {
            nextDeadline = .never
            return
        }
        nextDeadline = min(
            min(roster.nextDeadline, viewDue, claimsDue, seedsDue, farewell?.due ?? .never),
            min(housekeepingDue, reconciler.nextDeadline, redialDue, receipts.nextDeadline),
            min(spreadingDeadline, expected.first?.due ?? .never)
        )
    }

    /// Lets the view be made again soon: several changes together make one.
    mutating func staleView(at now: Instant) {
        viewIsStale = true
        viewDue = min(viewDue, now + settings.viewDelay)
    }

    /// Whether the view must be made anew: by then it no longer must.
    mutating func takeStaleness(at now: Instant) -> Bool {
        let hour = wall(at: now).hour
        defer {
            viewIsStale = false
            viewHour = hour
        }
        // Leases end with hours.
        return viewIsStale || hour != viewHour
    }

    /// The cluster's time, as well as this node knows it.
    func wall(at now: Instant) -> WallTime { clock.cluster(at: now) }

    private mutating func start(at now: Instant, into effects: inout Effects) {
        if let cluster = identity.cluster {
            accept(cluster, from: nil, isNews: false, at: now, into: &effects)
        }
        if let memory {
            let all =
                memory.records.map { (key: $0.key, record: $0, isVouchedFor: false) }
                + memory.vouched.map { (key: $0.key, record: $0, isVouchedFor: true) }
            let ordered = all.sorted { left, right in
                (left.key.kind.isControl ? 0 : 1, left.key)
                    < (right.key.kind.isControl ? 0 : 1, right.key)
            }
            for (_, record, isVouchedFor) in ordered where record.author != id {
                accept(
                    record,
                    from: nil,
                    isNews: false,
                    isVouchedFor: isVouchedFor,
                    at: now,
                    into: &effects
                )
            }
        }
        memory = nil
        maySign = !isExpelled
        publishRecords(at: now, into: &effects)
    }

    private mutating func ringAlarms(at now: Instant, into effects: inout Effects) {
        if now >= roster.nextDeadline { tell(.deadlineReached, at: now, into: &effects) }
        if now >= seedsDue { dialSeeds(at: now, into: &effects) }
        if now >= redialDue { redial(at: now, into: &effects) }
        if now >= reconciler.nextDeadline { continueReconciliation(at: now, into: &effects) }
        if now >= expected.first?.due ?? .never { askForSlots(at: now) }
        if now >= receipts.nextDeadline { tendReceipts(at: now, into: &effects) }
        continueLeaving(at: now, into: &effects)
        if now >= housekeepingDue { keepHouse(at: now, into: &effects) }
        guard !isSilent else { return }
        if now >= claimsDue || now >= viewDue { publishView(at: now, into: &effects) }
    }
}

/// Orders the possible jurors of a suspicion: nobody can choose to be one.
private let jurorRank: @Sendable (NodeID, UInt64, NodeID) -> UInt64 = {
    subject,
    incarnation,
    juror in
    var writer = ByteWriter()
    writer.write(subject)
    writer.write(incarnation)
    writer.write(juror)
    return BLAKE2b.hash64(writer.bytes)
}
