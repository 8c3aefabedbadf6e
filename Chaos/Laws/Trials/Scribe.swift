import Registry
import Simulation
import Sodium
import Vocabulary

/// Signs in an author's name whatever a trial needs, and keeps all of it.
struct Scribe {
    let authority: Authority
    let number: Int
    var certificate: Certificate
    var pen: Pen
    var ledger = SlotLedger()
    var now = Authority.beginning
    var signed: [Record] = []

    init(
        _ authority: Authority,
        _ number: Int,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) {
        self.authority = authority
        self.number = number
        certificate = authority.certificate(of: number, change: change)
        pen = Pen(
            key: authority.key(of: number),
            cluster: authority.anchor.cluster,
            incarnation: Pen.incarnation(after: 0, at: now, chance: UInt32(number))
        )
    }

    var id: NodeID { pen.node }

    /// Begins anew, as after a crash.
    mutating func restart() {
        let incarnation = Pen.incarnation(after: pen.incarnation, at: now, chance: 5)
        pen = Pen(
            key: authority.key(of: number),
            cluster: authority.anchor.cluster,
            incarnation: incarnation
        )
        ledger = SlotLedger()
    }

    @discardableResult
    mutating func write(_ kind: RecordKind, slot: UInt32, _ body: RecordBody) -> Record {
        guard let record = pen.write(kind, slot: slot, body, at: now) else {
            preconditionFailure("a \(kind) of a trial fits no record")
        }
        signed.append(record)
        return record
    }

    @discardableResult
    mutating func head(_ change: (inout Head) -> Void = { _ in }) -> Record {
        var head = Head(
            certificate: certificate,
            leaseEnd: now.hour + 72,
            chunks: UInt8(clamping: ledger.chunkCount),
            agreementKey: [UInt8](repeating: 9, count: 32),
            addresses: [Authority.address(of: number)]
        )
        change(&head)
        return write(.head, slot: 0, .head(head))
    }

    @discardableResult
    mutating func manifest() -> Record {
        write(.manifest, slot: 0, .manifest(ledger.manifest(of: 0)))
    }

    @discardableResult
    mutating func declare(
        _ name: String,
        in namespace: String = "default",
        slot: UInt32? = nil,
        spec: ServiceSpec = .plain,
        change: (inout Declaration) -> Void = { _ in }
    ) -> Record {
        var declaration = Declaration(
            service: .trial(name, in: namespace),
            specStamp: HybridTime(now),
            spec: spec,
            claims: []
        )
        change(&declaration)
        return write(.declaration, slot: slot ?? ledger.open(), .declaration(declaration))
    }

    /// Offers an endpoint in the author's own range, or elsewhere.
    @discardableResult
    mutating func offer(_ name: String, at address: IPAddress? = nil, slot: UInt32? = nil) -> Record
    {
        let entry = EndpointEntry(
            service: ServiceID(of: .trial(name), in: authority.anchor.cluster),
            ports: [EndpointPort(port: 8080)],
            endpoints: [
                Endpoint(address: address ?? .v4(0x6440_0009 + UInt32(number) << 8))
            ]
        )
        return write(.endpoints, slot: slot ?? ledger.open(), .endpoints([entry]))
    }
}

extension ServiceSpec {
    static let plain = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
    static let withNodePort = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])
}

extension ServiceName {
    static func trial(_ name: String, in namespace: String = "default") -> ServiceName {
        guard let service = ServiceName(namespace: namespace, name: name) else {
            preconditionFailure("\(namespace)/\(name) is no name")
        }
        return service
    }
}

extension RecordStore {
    /// Offers a record, and what waited for it, as a node does.
    @discardableResult
    mutating func take(_ record: Record, at now: WallTime = Authority.beginning) -> Bool {
        switch accept(record, at: now, check: .real) {
        case .stored(let released):
            for waiting in released { take(waiting, at: now) }
            return true
        case .exposed: return true
        case .refused: return false
        }
    }

    mutating func take(_ records: [Record], at now: WallTime = Authority.beginning) {
        for record in records { take(record, at: now) }
    }

    var allBytes: [[UInt8]] { snapshot.map(\.bytes) }

    /// What is shown of an author, by slot.
    func shown(_ author: NodeID, at now: WallTime = Authority.beginning) -> [UInt32] {
        (exhibit(of: author, at: now)?.records ?? []).map(\.header.slot)
    }
}

extension RandomStream {
    mutating func shuffle<Element>(_ elements: [Element]) -> [Element] {
        sample(elements.count, of: elements)
    }
}
