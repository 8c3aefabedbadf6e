package import Gossip
import Registry
package import Simulation
import Sodium
import Vocabulary
import Wire

/// Looks at a world after each event, and writes down what must not be.
///
/// It knows everything: it opens every packet, and sees every store. What it judges by is written
/// anew here, and not taken from the code that it judges.
package final class Auditor: Inspector {
    /// What did not hold, in order; the first few of it.
    package private(set) var breaches: [Breach] = []
    /// Every record that was ever sent, in order, each once.
    private(set) var signed: [Record] = []
    /// Every datagram that was sent, with its sender and receiver; the oldest are forgotten.
    private(set) var datagrams: [(bytes: [UInt8], from: Int, to: Int)] = []
    /// Frames of reconciliations since it was last emptied, by name.
    var reconcilingFrames: [String] = []
    /// The last events as lines, where they are asked for.
    package private(set) var diary: [String] = []
    private let keepsDiary: Bool

    private var hashes: Set<RecordHash> = []
    private var numbers: [Number: RecordHash] = [:]
    private var durable: [NodeID: Set<UInt64>] = [:]
    private var keys: [KeyName: SealingKey] = [:]
    private var observers: [Int: StoreObserver] = [:]

    private struct Number: Hashable {
        let author: NodeID
        let incarnation: UInt64
        let sequence: UInt64
    }

    private struct KeyName: Hashable {
        let from: Int
        let fromStart: Int
        let to: Int
        let toStart: Int
    }

    private static let maximumBreaches = 20
    private static let maximumDatagrams = 4000
    private static let diaryLength = 80

    package init(keepsDiary: Bool = false) { self.keepsDiary = keepsDiary }

    /// Lets the auditor see everything that happens in a world from now on.
    package func attend(_ world: inout World) {
        world.inspector = self
    }

    func note(_ invariant: Invariant, _ words: @autoclosure () -> String) {
        guard breaches.count < Self.maximumBreaches else { return }
        breaches.append(Breach(invariant, words()))
    }

    /// Examines a world after an event of one of its machines, and what the node asked for.
    package func look(_ world: World, _ machine: Int, _ event: Event, _ effects: [Effect]) {
        guard let node = world.machines[machine].node else { return }
        durable[node.id, default: []].insert(world.machines[machine].durableIncarnation)
        for effect in effects {
            guard case .send(let bytes, let address) = effect else { continue }
            overhear(bytes, from: machine, to: world.places[address], world)
        }
        var observer = observers[machine] ?? StoreObserver(machine: machine)
        observer.look(world, node, event, effects, self)
        observers[machine] = observer
        if keepsDiary { write(world, machine, event, effects) }
    }

    // MARK: Packets

    private func overhear(_ bytes: [UInt8], from: Int, to: Int?, _ world: World) {
        if bytes.count > Datagram.maximumLength {
            note(.cost, "a datagram of \(bytes.count) bytes")
        }
        guard let to else { return }
        if datagrams.count >= Self.maximumDatagrams { datagrams.removeFirst(1000) }
        datagrams.append((bytes, from, to))
        if let hello = try? Hello(decoding: bytes, in: world.authority.anchor.cluster) {
            take(hello.head)
            return
        }
        guard let packet = open(bytes, from: from, to: to, world) else { return }
        for frame in packet.frames {
            switch frame {
            case .news(let bytes), .repair(let bytes):
                take(bytes)
                if case .repair = frame { reconcilingFrames.append("repair") }
            case .tree: reconcilingFrames.append("tree")
            case .want: reconcilingFrames.append("want")
            case .busy: reconcilingFrames.append("busy")
            case .missing: reconcilingFrames.append("missing")
            case .renewal(let head):
                take(head, sentBy: from, world)
                if !head.isNews { reconcilingFrames.append("renewal") }
            case .wantRenewals: reconcilingFrames.append("want")
            case .probe, .acknowledgement, .relayProbe, .noAnswer, .accusation, .digest, .inquiry,
                .receipt, .have:
                break
            }
        }
    }

    /// The sender may know an earlier start of the receiver only.
    private func open(_ bytes: [UInt8], from: Int, to: Int, _ world: World) -> SealedPacket? {
        for start in (1...max(world.machines[to].starts, 1)).reversed() {
            let name = KeyName(
                from: min(from, to),
                fromStart: from < to ? world.machines[from].starts : start,
                to: max(from, to),
                toStart: from < to ? start : world.machines[from].starts
            )
            let key = keys[name] ?? world.sealingKey(from: from, to: to, start: start)
            guard let key else { continue }
            keys[name] = key
            let receiver = world.machines[to].id
            if let packet = try? SealedPacket(opening: bytes, as: receiver, key: key) {
                return packet
            }
        }
        return nil
    }

    // MARK: Records

    /// Takes the whole HEAD of which a renewal tells, from where its sender has it.
    private func take(_ head: RenewedHead, sentBy machine: Int, _ world: World) {
        let known = world.machines[machine].node?.registry.records(trieKey: head.item.key) ?? []
        for record in known where TreeFrame.Item(of: record, at: head.item.key) == head.item {
            take(record.bytes)
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard let record = try? Record(decoding: bytes), hashes.insert(record.hash).inserted else {
            return
        }
        signed.append(record)
        let header = record.header
        switch header.kind {
        case .cluster, .revoke, .fault: return
        case .head, .manifest, .declaration, .endpoints, .release, .retract: break
        }
        let number = Number(
            author: header.author,
            incarnation: header.incarnation,
            sequence: header.sequence
        )
        if numbers.updateValue(record.hash, forKey: number) != nil {
            note(.numbering, "two records of \(header.author.short) are number \(header.sequence)")
        }
        if durable[header.author]?.contains(header.incarnation) == false {
            note(.durability, "\(header.author.short) signs with \(header.incarnation)")
        }
    }

    /// Whether some author's record of this hash was ever sent.
    func knows(_ hash: RecordHash) -> Bool { hashes.contains(hash) }

    // MARK: Diary

    private func write(_ world: World, _ machine: Int, _ event: Event, _ effects: [Effect]) {
        let said = effects.compactMap(\.line)
        guard let line = event.line ?? (said.isEmpty ? nil : "is woken") else { return }
        if diary.count >= Self.diaryLength { diary.removeFirst() }
        let words = said.isEmpty ? "" : ": " + said.joined(separator: "; ")
        diary.append("\(world.now) \(world.machines[machine].name) \(line)\(words)")
    }
}

extension Event {
    /// What a reader of the diary wants to know; `nil` for what happens all the time.
    fileprivate var line: String? {
        switch self {
        case .datagram, .deadline, .wallClock, .seeds, .unreachable: nil
        case .command(let command, _): "is told: \(command)"
        case .secured(let incarnation): "has secured \(incarnation)"
        }
    }
}

extension Effect {
    fileprivate var line: String? {
        switch self {
        case .send, .persist, .measured: nil
        case .secure(let incarnation): "secures \(incarnation)"
        case .publish(let publication): "sees \(publication.view.summary)"
        case .report(let incident): "reports \(incident)"
        case .answer(_, let outcome): "answers \(outcome.word)"
        }
    }
}

extension Outcome {
    fileprivate var word: String {
        switch self {
        case .declared(_, let service): "\(service.name) at \(service.addresses)"
        case .refused(let refusal): "refused: \(refusal)"
        case .withdrawn, .offered, .left, .spread, .loaded, .together, .explained: "done"
        }
    }
}

extension ClusterView {
    var summary: String {
        let lines = services.map { "\($0.name.name)@\($0.addresses)×\($0.endpoints.count)" }
        return lines.joined(separator: " ")
    }
}
