import Membership
import Vocabulary

/// A little world of rosters that signs nothing and sends plain values, over virtual time.
///
/// News is pushed to everyone a few times, as gossip does in the end; whoever probes compares
/// notes, as the digest in probes does; a dial that arrives compares notes too.
struct World {
    private enum Packet {
        case probe(ProbeNumber)
        case acknowledgement(ProbeNumber)
        case relayRequest(ProbeNumber, target: Int)
        case relayFailure(ProbeNumber)
        case head(Int, MemberVersion)
        case accusation(Accusation)
        case notes(heads: [Int: MemberVersion], accusations: Set<Accusation>)
    }

    private enum Happening {
        case wake
        case arrival(Packet, from: Int)
    }

    private struct Entry {
        let node: Int
        let happening: Happening
    }

    private struct Notes: Equatable {
        var heads: [Int: MemberVersion] = [:]
        var accusations: Set<Accusation> = []
    }

    struct Change {
        let at: Instant
        let observer: Int
        let subject: Int
        let to: MemberState
    }

    let count: Int
    private(set) var now = Instant.zero
    private(set) var changes: [Change] = []
    /// Everything every roster asked for, in order.
    private(set) var trace: [Roster.Effect] = []
    /// Of each packet, in thousandths.
    var loss = 0
    /// Of packets of one node, on top, in thousandths.
    var lossAt: [Int: Int] = [:]
    /// Nodes of different islands do not reach each other.
    var island: [Int]
    private(set) var isDown: [Bool]

    private var rosters: [Roster] = []
    private var notes: [Notes]
    private var queue = WorldQueue<Entry>()
    /// The one wake of each node that is meant; others in the queue are old.
    private var wakeAt: [Instant]
    private var random: RandomStream
    private let ids: [NodeID]
    private let numbers: [NodeID: Int]

    init(_ count: Int, seed: Seed, settings: Roster.Settings = Roster.Settings()) {
        self.count = count
        random = RandomStream(seed, "world")
        var draw = RandomStream(seed, "names")
        ids = (0..<count).map { _ in NodeID(UInt128(draw.next()) << 64 | UInt128(draw.next())) }
        numbers = Dictionary(uniqueKeysWithValues: zip(ids, ids.indices))
        island = Array(repeating: 0, count: count)
        isDown = Array(repeating: false, count: count)
        wakeAt = Array(repeating: .never, count: count)
        let first = MemberVersion(incarnation: 1, sequence: 1)
        let heads = Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, first) })
        notes = Array(repeating: Notes(heads: heads), count: count)
        for node in 0..<count {
            rosters.append(
                Roster(
                    myself: ids[node],
                    settings: settings,
                    random: RandomStream(seed, "roster", UInt64(node)),
                    rank: { subject, incarnation, juror in
                        var mix = RandomStream(
                            Seed(UInt64(truncatingIfNeeded: subject.number)),
                            "rank",
                            UInt64(truncatingIfNeeded: juror.number),
                            incarnation
                        )
                        return mix.next()
                    },
                    at: .zero
                )
            )
            for other in 0..<count { tell(node, .headSeen(ids[other], first, left: false)) }
        }
        changes = []
    }

    // MARK: What a test does

    mutating func run(_ duration: Duration) {
        let end = now + duration
        while let (at, entry) = queue.next(until: end) {
            now = at
            guard !isDown[entry.node] else { continue }
            switch entry.happening {
            case .wake:
                guard wakeAt[entry.node] == at else { continue }
                wakeAt[entry.node] = .never
                tell(entry.node, .deadlineReached)
            case .arrival(let packet, let from): receive(packet, at: entry.node, from: from)
            }
        }
        now = end
    }

    mutating func crash(_ node: Int) { isDown[node] = true }

    /// Lets a stopped process go on, with all it had in memory.
    mutating func resume(_ node: Int) {
        isDown[node] = false
        tell(node, .deadlineReached)
    }

    func state(of subject: Int, at observer: Int) -> MemberState? {
        rosters[observer].member(ids[subject])?.state
    }

    func health(of node: Int) -> Int { rosters[node].selfHealth }

    /// Whether every running node sees every node in the state that is asked for.
    func allSee(_ state: (_ subject: Int, _ observer: Int) -> MemberState) -> Bool {
        (0..<count).allSatisfy { observer in
            isDown[observer]
                || (0..<count).allSatisfy { subject in
                    subject == observer
                        || self.state(of: subject, at: observer) == state(subject, observer)
                }
        }
    }

    // MARK: How it works

    private mutating func tell(_ node: Int, _ event: Roster.Event) {
        var effects: [Roster.Effect] = []
        rosters[node].handle(event, at: now, into: &effects)
        let due = rosters[node].nextDeadline
        if due != wakeAt[node] {
            wakeAt[node] = max(due, now)
            queue.add(Entry(node: node, happening: .wake), at: wakeAt[node])
        }
        trace += effects
        for effect in effects { perform(effect, by: node) }
    }

    private mutating func perform(_ effect: Roster.Effect, by node: Int) {
        switch effect {
        case .probe(let target, let number): send(.probe(number), from: node, to: numbers[target])
        case .askRelay(let relay, let target, let number):
            guard let target = numbers[target] else { return }
            send(.relayRequest(number, target: target), from: node, to: numbers[relay])
        case .answerRelay(let asker, let number, let succeeded):
            send(
                succeeded ? .acknowledgement(number) : .relayFailure(number),
                from: node,
                to: numbers[asker]
            )
        case .accuse(let accusation):
            notes[node].accusations.insert(accusation)
            push(.accusation(accusation), from: node)
        case .refute(let version):
            let next = MemberVersion(
                incarnation: version.incarnation,
                sequence: version.sequence + 1
            )
            learn(node, next, at: node)
            push(.head(node, next), from: node)
        case .dial(let target): compareNotes(from: node, to: numbers[target])
        case .changed(let subject, _, let state):
            guard let subject = numbers[subject] else { return }
            changes.append(Change(at: now, observer: node, subject: subject, to: state))
        }
    }

    private mutating func receive(_ packet: Packet, at node: Int, from sender: Int) {
        tell(node, .heard(ids[sender]))
        switch packet {
        case .probe(let number):
            send(.acknowledgement(number), from: node, to: sender)
            if notes[node] != notes[sender] { compareNotes(from: node, to: sender) }
        case .acknowledgement(let number): tell(node, .acknowledged(number, by: ids[sender]))
        case .relayRequest(let number, let target):
            tell(node, .relayAsked(number, target: ids[target], by: ids[sender]))
        case .relayFailure(let number): tell(node, .relayFailed(number, by: ids[sender]))
        case .head(let subject, let version): learn(subject, version, at: node)
        case .accusation(let accusation): learn(accusation, at: node)
        case .notes(let heads, let accusations):
            for subject in 0..<count {
                if let version = heads[subject] { learn(subject, version, at: node) }
            }
            for accusation in accusations.sorted() { learn(accusation, at: node) }
            // The other half of the comparison, once.
            let mine = notes[node]
            if mine.heads != heads || !mine.accusations.isSubset(of: accusations) {
                compareNotes(from: node, to: sender)
            }
        }
    }

    private mutating func learn(_ subject: Int, _ version: MemberVersion, at node: Int) {
        guard let known = notes[node].heads[subject], known < version else { return }
        notes[node].heads[subject] = version
        let old = notes[node].accusations.filter {
            $0.subject == ids[subject] && $0.version < version
        }
        notes[node].accusations.subtract(old)
        tell(node, .headSeen(ids[subject], version, left: false))
    }

    private mutating func learn(_ accusation: Accusation, at node: Int) {
        guard let subject = numbers[accusation.subject],
            let known = notes[node].heads[subject], known <= accusation.version,
            notes[node].accusations.insert(accusation).inserted
        else { return }
        tell(node, .accused(accusation))
    }

    private mutating func push(_ packet: Packet, from node: Int) {
        for other in 0..<count where other != node {
            for delay in [0, 5, 25] {
                send(packet, from: node, to: other, after: .milliseconds(delay))
            }
        }
    }

    private mutating func compareNotes(from node: Int, to other: Int?) {
        let (heads, accusations) = (notes[node].heads, notes[node].accusations)
        send(.notes(heads: heads, accusations: accusations), from: node, to: other)
    }

    private mutating func send(
        _ packet: Packet,
        from node: Int,
        to other: Int?,
        after delay: Duration = .zero
    ) {
        guard let other, other != node, island[node] == island[other],
            !random.chance(loss, in: 1000),
            !random.chance(max(lossAt[node] ?? 0, lossAt[other] ?? 0), in: 1000)
        else { return }
        let latency = Duration.milliseconds(1) + random.duration(below: .milliseconds(4))
        queue.add(
            Entry(node: other, happening: .arrival(packet, from: node)),
            at: now + delay + latency
        )
    }
}
