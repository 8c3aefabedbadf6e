// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Testing
import Vocabulary

/// One cluster with its root, as these tests need it: every key follows from a number.
struct Realm {
    let cluster: ClusterID
    let root: SigningKey
    let anchor: TrustAnchor

    /// The first second of 2026.
    static let beginning = WallTime(milliseconds: 1_767_225_600_000)
    static let ranges = AddressRanges(
        serviceCIDR: CIDR("10.96.0.0/16")!,
        nodePorts: 30000...32767
    )

    init(_ number: UInt8 = 1) {
        cluster = ClusterID(UInt128(number) << 64 | 0xc1)
        root = Self.key(200 + Int(number))
        anchor = TrustAnchor(cluster: cluster, roots: [root.verifyingKey])
    }

    static func key(_ number: Int) -> SigningKey {
        SigningKey(seed: BLAKE2b.hash(Array("key \(number)".utf8)))!
    }

    /// What the root says of machine `number`: at `10.0.0.number`, with pods in a /24 of its own.
    func content(_ number: Int) -> Certificate.Content {
        Certificate.Content(
            cluster: cluster,
            key: Self.key(number).verifyingKey,
            name: "node-\(number)",
            notBefore: Self.beginning.seconds - 3600,
            notAfter: Self.beginning.seconds + 60 * 86_400,
            addresses: [IPAddress("10.0.0.\(number)")!],
            podCIDRs: [CIDR("10.244.\(number).0/24")!]
        )
    }

    func certificate(
        _ number: Int,
        _ change: (inout Certificate.Content) -> Void = { _ in }
    ) -> Certificate {
        var content = content(number)
        change(&content)
        return Certificate(signing: content, by: root)!
    }

    func settings(epoch: UInt32 = 1) -> ClusterSettings {
        ClusterSettings(
            epoch: epoch,
            name: "home",
            ranges: Self.ranges,
            allocationKey: [UInt8](repeating: 7, count: 32)
        )
    }

    func clusterRecord(_ settings: ClusterSettings, sequence: UInt64? = nil) -> Record {
        let header = RecordHeader(
            kind: .cluster,
            author: NodeID(of: root.verifyingKey),
            incarnation: 0,
            sequence: sequence ?? UInt64(settings.epoch),
            slot: 0,
            time: .zero
        )
        return Record(header, .cluster(settings), key: root, cluster: cluster)!
    }

    func store() -> RecordStore { RecordStore(anchor: anchor) }

    func service(_ name: String, in namespace: String = "default") -> ServiceID {
        ServiceID(of: Self.name(name, in: namespace), in: cluster)
    }

    static func name(_ name: String, in namespace: String = "default") -> ServiceName {
        ServiceName(namespace: namespace, name: name)!
    }
}

/// A node that signs its own records, and keeps all of them.
struct Author {
    let realm: Realm
    let number: Int
    var certificate: Certificate
    var pen: Pen
    var ledger = SlotLedger()
    var now: WallTime
    /// Everything it ever signed, in order.
    private(set) var signed: [Record] = []

    var id: NodeID { pen.node }

    init(
        _ number: Int,
        in realm: Realm,
        at now: WallTime = Realm.beginning,
        _ change: (inout Certificate.Content) -> Void = { _ in }
    ) {
        self.realm = realm
        self.number = number
        self.now = now
        certificate = realm.certificate(number, change)
        let incarnation = Pen.incarnation(after: 0, at: now, chance: UInt32(number))
        pen = Pen(key: Realm.key(number), cluster: realm.cluster, incarnation: incarnation)
    }

    @discardableResult
    mutating func write(_ kind: RecordKind, slot: UInt32, _ body: RecordBody) -> Record {
        let record = pen.write(kind, slot: slot, body, at: now)!
        signed.append(record)
        return record
    }

    @discardableResult
    mutating func head(_ change: (inout Head) -> Void = { _ in }) -> Record {
        var head = Head(
            certificate: certificate,
            leaseEnd: now.hour + 72,
            chunks: UInt8(ledger.chunkCount),
            agreementKey: [UInt8](repeating: UInt8(number), count: 32),
            addresses: [PeerAddress(IPAddress("10.0.0.\(number)")!, port: 7747)]
        )
        change(&head)
        return write(.head, slot: 0, .head(head))
    }

    @discardableResult
    mutating func manifest(_ chunk: UInt32 = 0) -> Record {
        write(.manifest, slot: chunk, .manifest(ledger.manifest(of: chunk)))
    }

    /// Declares in a new slot, or again in one that is open.
    @discardableResult
    mutating func declare(
        _ name: String,
        in namespace: String = "default",
        slot: UInt32? = nil,
        revision: UInt32 = 1,
        stamp: HybridTime? = nil,
        spec: ServiceSpec = .web,
        claims: [Claim] = []
    ) -> Record {
        let declaration = Declaration(
            service: Realm.name(name, in: namespace),
            revision: revision,
            specStamp: stamp ?? HybridTime(now),
            spec: spec,
            claims: claims
        )
        return write(.declaration, slot: slot ?? ledger.open(), .declaration(declaration))
    }

    /// Offers an endpoint in its own pod range, or those given.
    @discardableResult
    mutating func offer(
        _ name: String,
        slot: UInt32? = nil,
        _ endpoints: [Endpoint]? = nil
    ) -> Record {
        let entry = EndpointEntry(
            service: realm.service(name),
            ports: [EndpointPort(name: "http", port: 8080)],
            endpoints: endpoints ?? [Endpoint(address: IPAddress("10.244.\(number).9")!)]
        )
        return write(.endpoints, slot: slot ?? ledger.open(), .endpoints([entry]))
    }

    /// Starts anew, as after a crash: a greater incarnation, and no slot open.
    mutating func restart() {
        let incarnation = Pen.incarnation(after: pen.incarnation, at: now, chance: 5)
        pen = Pen(key: Realm.key(number), cluster: realm.cluster, incarnation: incarnation)
        ledger = SlotLedger()
    }
}

extension ServiceSpec {
    /// One port, 80 to 8080.
    static let web = ServiceSpec(
        type: .clusterIP,
        ports: [ServicePort(name: "http", port: 80, targetPort: 8080)]
    )
}

extension RecordStore {
    /// Offers a record, and what waited for it, as a node does.
    @discardableResult
    mutating func take(
        _ record: Record,
        at now: WallTime = Realm.beginning,
        check: SignatureCheck = .real
    ) -> Acceptance {
        let acceptance = accept(record, at: now, check: check)
        if case .stored(let released) = acceptance {
            for record in released { take(record, at: now, check: check) }
        }
        return acceptance
    }

    mutating func take(_ records: [Record], at now: WallTime = Realm.beginning) {
        for record in records { take(record, at: now) }
    }

    /// All that a digest stands for.
    var roots: [UInt128] {
        [
            control.hash.truncated, UInt128(control.count), data.hash.truncated,
            UInt128(data.count),
        ]
    }
}

/// A signature check that counts how often it is asked.
final class CountingCheck {
    private(set) var asked = 0

    var check: SignatureCheck {
        SignatureCheck { key, signature, message in
            self.asked += 1
            return key.isValid(signature, for: message)
        }
    }
}

extension RandomStream {
    mutating func shuffle<Element>(_ elements: [Element]) -> [Element] {
        sample(elements.count, of: elements)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

extension Record: CustomDebugStringConvertible {
    /// Short, so that a failing test can be read.
    public var debugDescription: String {
        "\(header.kind) of \(author.short).\(header.incarnation) slot \(header.slot) #\(header.sequence)"
    }
}
