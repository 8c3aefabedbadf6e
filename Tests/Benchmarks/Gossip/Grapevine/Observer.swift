import Gossip
import Membership
import Registry
import Simulation
import Vocabulary
import Wire

/// Looks into our nodes as they run, and keeps the ledger.
final class Observer: Inspector {
    let ledger: Ledger
    private let numbers: [NodeID: Int]
    /// The news by number, as records: where they stand, and in which version.
    private var watched: [(record: Record, key: RecordKey)] = []
    /// Whether datagrams are opened to count what they carry: that costs time.
    var opens = false
    private let examiner: Examiner?

    init(_ world: World, _ examiner: Examiner?) {
        self.examiner = examiner
        ledger = Ledger(machines: world.machines.count)
        var numbers: [NodeID: Int] = [:]
        for machine in world.machines { numbers[machine.id] = machine.number }
        self.numbers = numbers
    }

    /// Begins to watch how a record spreads among those that run.
    func watch(_ record: Record, of machine: Int, in world: World) {
        if ledger.news.isEmpty { watched = [] }
        watched.append((record, record.key))
        ledger.begin(writer: machine, at: world.now, awaitedBy: world.running)
    }

    func look(_ world: World, _ machine: Int, _ event: Event, _ effects: [Effect]) {
        examiner?.turn(to: machine)
        if !ledger.open[machine].isEmpty { notice(world, machine) }
        for effect in effects {
            switch effect {
            case .send(let bytes, let address): count(bytes, from: machine, to: address, world)
            case .report(let incident): judge(incident, by: machine, world)
            case .persist(let changes):
                for change in changes where change.space == .records {
                    ledger.traffic.usefulBytes += change.value?.count ?? 0
                }
            case .secure, .publish, .measured, .answer: break
            }
        }
    }

    private func notice(_ world: World, _ machine: Int) {
        guard let registry = world.machines[machine].node?.registry else { return }
        ledger.arrive(at: machine, world.now) { number in
            let (record, key) = watched[number]
            guard let shelf = registry.shelf(of: key.author) else { return false }
            if shelf.incarnation > key.incarnation { return true }
            return registry[key].map { $0.header.sequence >= record.header.sequence } ?? false
        }
    }

    // MARK: Datagrams

    private func count(_ bytes: [UInt8], from: Int, to address: PeerAddress, _ world: World) {
        ledger.traffic.datagrams += 1
        ledger.traffic.bytes += bytes.count
        Grapevine.tally.count += 1
        Grapevine.tally.longest = max(Grapevine.tally.longest, bytes.count)
        guard opens, let to = world.places[address] else { return }
        guard let packet = world.open(bytes, from: from, to: to) else {
            ledger.traffic.note("hello", bytes: bytes.count)
            return
        }
        var overhead = bytes.count
        for frame in packet.frames {
            count(frame)
            overhead -= frame.encodedLength
            ledger.traffic.note(name(of: frame, to: to, world), bytes: frame.encodedLength)
        }
        ledger.traffic.note("around frames", bytes: overhead)
    }

    private func name(of frame: Frame, to machine: Int, _ world: World) -> String {
        switch frame {
        case .probe: "PROBE"
        case .acknowledgement: "ACK"
        case .relayProbe: "RELAY-PROBE"
        case .noAnswer: "NACK"
        case .news(let bytes): "NEWS of \(words(of: bytes, to: machine, world))"
        case .repair(let bytes): "REPAIR of \(words(of: bytes, to: machine, world))"
        case .accusation: "ACCUSATION"
        case .tree: "TREE"
        case .want: "WANT"
        case .digest: "DIGEST"
        case .busy: "BUSY"
        case .inquiry: "INQUIRY"
        case .receipt: "RECEIPT"
        case .have: "HAVE"
        case .missing: "MISSING"
        case .renewal(let head): "RENEWAL\(isKnown(head.item, to: machine, world) ? ", known" : "")"
        case .wantRenewals: "WANT-RENEWALS"
        }
    }

    private func isKnown(_ item: TreeFrame.Item, to machine: Int, _ world: World) -> Bool {
        let registry = world.machines[machine].node?.registry
        return registry?.trie(.control).contains(key: item.key) { TreeFrame.Item($0) == item }
            ?? false
    }

    /// What a record is, and whether its receiver has it before it is sent.
    private func words(of bytes: [UInt8], to machine: Int, _ world: World) -> String {
        guard let record = try? Record(decoding: bytes) else { return "nothing" }
        let known = world.machines[machine].node?.registry[record.key]
        return "\(record.header.kind)" + (known?.hash == record.hash ? ", known" : "")
    }

    private func count(_ frame: Frame) {
        switch frame {
        case .news(let bytes), .repair(let bytes):
            if watched.contains(where: { $0.record.bytes == bytes }) {
                ledger.traffic.payloads += 1
            }
        case .probe, .digest: ledger.traffic.repairBytes += StoreDigest.length
        case .acknowledgement(_, let digest):
            ledger.traffic.repairBytes += digest == nil ? 0 : StoreDigest.length
        case .have(let items):
            ledger.traffic.names += items.count { item in
                watched.contains { $0.key.trieKey == item.key }
            }
        case .want, .tree, .missing, .wantRenewals:
            ledger.traffic.repairBytes += frame.encodedLength
        case .relayProbe, .noAnswer, .accusation, .busy, .inquiry, .receipt, .renewal: break
        }
    }

    // MARK: Judgements

    private func judge(_ incident: Incident, by machine: Int, _ world: World) {
        guard case .memberChanged(let id, _, _, let state) = incident, let subject = numbers[id]
        else { return }
        let verdict: Ledger.Verdict
        switch state {
        case .suspect: verdict = .suspect
        case .dead, .left: verdict = .dead
        case .alive: verdict = .alive
        }
        ledger.judge(
            subject,
            verdict,
            by: machine,
            at: world.now,
            isRunning: world.machines[subject].isRunning
        )
    }
}

extension StoreDigest {
    /// What it takes of a probe.
    fileprivate static var length: Int { 44 }
}
