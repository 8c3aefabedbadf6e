// swift-format-ignore-file: NeverForceUnwrap

import Membership
import Registry
import Sodium
import Testing
import Vocabulary
import Wire

/// One of everything that has bytes, with fixed keys, times and names.
enum Sample {
    static let cluster = ClusterID(0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f)
    static let root = SigningKey(seed: bytes("root", 32))!
    static let key = SigningKey(seed: bytes("node", 32))!
    static let node = NodeID(of: key.verifyingKey)
    static let peer = NodeID(of: SigningKey(seed: bytes("peer", 32))!.verifyingKey)
    static let agreement = AgreementKey(secret: bytes("mine", 32))!
    static let theirs = AgreementKey(secret: bytes("theirs", 32))!
    static let nonce = bytes("nonce", 24)
    static let incarnation: UInt64 = 0x6955_b900_dead_beef
    /// The first second of 2026.
    static let now = WallTime(milliseconds: 1_767_225_600_000)
    static let service = ServiceName(namespace: "default", name: "web")!

    static func bytes(_ name: String, _ count: Int) -> [UInt8] {
        BLAKE2b.hash(Array(name.utf8), length: count)
    }

    // MARK: Records

    static let certificate = Certificate(
        signing: Certificate.Content(
            cluster: cluster,
            key: key.verifyingKey,
            name: "node-1",
            notBefore: now.seconds - 3600,
            notAfter: now.seconds + 80 * 86_400,
            isAdmin: true,
            maximumServices: 100,
            maximumRecords: 800,
            addresses: [IPAddress("10.0.0.1")!, IPAddress("fd00::1")!],
            podCIDRs: [CIDR("10.244.1.0/24")!, CIDR("fd00:1::/64")!],
            namespaces: ["default", "team-*"],
            labels: [KeyValue("zone", "a")]
        ),
        by: root
    )!

    static let head = RecordBody.head(
        Head(
            certificate: certificate,
            leaseEnd: now.hour + 72,
            chunkFloor: 1,
            chunks: 2,
            hasLeft: true,
            agreementKey: agreement.publicHalf,
            addresses: [PeerAddress("10.0.0.1:7747")!, PeerAddress("[fd00::1]:7748")!]
        )
    )

    static let manifest: RecordBody = {
        var map = SlotMap()
        for slot in 0..<11 { map.append(lit: slot % 3 != 1) }
        return .manifest(map)
    }()

    static let declaration = RecordBody.declaration(
        Declaration(
            service: service,
            revision: 3,
            specStamp: HybridTime(raw: 0x0123_4567_89ab_cdef),
            adoptedFrom: peer,
            spec: ServiceSpec(
                type: .nodePort,
                ports: [
                    ServicePort(
                        name: "http",
                        port: 80,
                        targetPort: 8080,
                        requestedNodePort: 30080
                    ),
                    ServicePort(name: "dns", transport: .udp, port: 53),
                ],
                addressRequest: .fixed(IPAddress("10.96.0.50")!),
                labels: [KeyValue("app", "web")],
                annotations: [KeyValue("note", "grüße")],
                selector: [KeyValue("app", "web")]
            ),
            claims: [
                Claim(
                    .address(IPAddress("10.96.0.50")!),
                    stamp: HybridTime(raw: 1),
                    seals: [Claim.Seal(witness: peer, signature: bytes("seal", 64))]
                ),
                Claim(.address(IPAddress("fd00:96::50")!), stamp: HybridTime(raw: 2)),
                Claim(.nodePort(.tcp, 30080), stamp: HybridTime(raw: 3)),
                Claim(.nodePort(.udp, 30053), portIndex: 1, stamp: HybridTime(raw: 4)),
            ]
        )
    )

    static let headless = RecordBody.declaration(
        Declaration(
            service: service,
            specStamp: .zero,
            spec: ServiceSpec(type: .clusterIP, ports: [], addressRequest: .headless),
            claims: []
        )
    )

    static let endpoints = RecordBody.endpoints([
        EndpointEntry(
            service: ServiceID(of: service, in: cluster),
            ports: [
                EndpointPort(name: "dns", transport: .udp, port: 5353),
                EndpointPort(name: "http", port: 8080),
            ],
            endpoints: [
                Endpoint(address: IPAddress("10.244.1.7")!, hostname: "web-0"),
                Endpoint(address: IPAddress("fd00:1::7")!, conditions: [.serving, .terminating]),
            ]
        ),
        EndpointEntry(service: ServiceID(7), ports: [], endpoints: []),
    ])

    static let settings = RecordBody.cluster(
        ClusterSettings(
            epoch: 2,
            name: "home",
            ranges: AddressRanges(
                serviceRanges: [
                    ServiceRange(CIDR("10.96.0.0/16")!),
                    ServiceRange(CIDR("fd00:96::/112")!, isDraining: true),
                ],
                nodePorts: 30000...32767
            ),
            allocationKey: bytes("allocation", 32),
            sealQuorum: 1,
            reservedOffsets: [10, 11]
        )
    )

    /// By the name of its golden file.
    static let records: [(name: String, record: Record)] = [
        ("record-head", record(.head, 0, 1, head)),
        ("record-manifest", record(.manifest, 1, 2, manifest)),
        ("record-declaration", record(.declaration, 4096, 3, declaration)),
        ("record-declaration-headless", record(.declaration, 4098, 4, headless)),
        ("record-endpoints", record(.endpoints, 4099, 5, endpoints)),
        ("record-cluster", record(.cluster, 0, 2, settings, by: root)),
    ]

    private static func record(
        _ kind: RecordKind,
        _ slot: UInt32,
        _ sequence: UInt64,
        _ body: RecordBody,
        by key: SigningKey = key
    ) -> Record {
        let header = RecordHeader(
            kind: kind,
            author: NodeID(of: key.verifyingKey),
            incarnation: kind == .cluster ? 0 : incarnation,
            sequence: sequence,
            slot: slot,
            time: HybridTime(raw: HybridTime(now).raw + sequence)
        )
        return Record(header, body, key: key, cluster: cluster)!
    }

    // MARK: Frames

    /// Holds the records above, but for the HEAD that says it has left.
    static let store: RecordStore = {
        var store = RecordStore(anchor: TrustAnchor(cluster: cluster, roots: [root.verifyingKey]))
        for (_, record) in records { _ = store.accept(record, at: now, check: .real) }
        return store
    }()

    static let digest = StoreDigest(of: store, at: now)
    static let number = ProbeNumber(raw: 0x0102_0304)
    static let accusation = Accusation(
        accuser: node,
        subject: peer,
        version: MemberVersion(incarnation: incarnation, sequence: 9)
    )
    static let signedAccusation = SignedAccusation(
        accusation,
        signature: key.sign(SignedAccusation.message(accusation, in: cluster))
    )
    static let prefix = DigestTrie.Prefix([1, 2, 15])!

    private static func tree(_ parts: [TreeFrame.Part]) -> Frame {
        .tree(TreeFrame(salt: 0x5a17, half: .data, budget: 16, parts: parts))
    }

    private static let overview = (0..<256).map { UInt64($0) << 32 | 0x01_0203 }
    private static let children = (0..<16).map { UInt64($0) << 56 | 7 }
    private static var items: [TreeFrame.Item] {
        store.data.entries(under: .root).map(TreeFrame.Item.init)
    }

    /// One of each kind, and of each form of a tree, by the name of its golden file.
    static let frames: [(name: String, frame: Frame)] = [
        ("probe", .probe(number, digest)),
        ("acknowledgement", .acknowledgement(number, digest)),
        ("relay-probe", .relayProbe(number, target: peer)),
        ("no-answer", .noAnswer(number)),
        ("news", .news(records[1].record.bytes)),
        ("repair", .repair(records[4].record.bytes)),
        ("accusation", .accusation(signedAccusation)),
        ("tree-overview", tree([.overview(overview)])),
        ("tree-children", tree([.children(.root, children), .children(prefix, children)])),
        ("tree-listing", tree([.listing(prefix, items), .listing(.root, [])])),
        ("want", .want([1, .max])),
        ("digest", .digest(digest, wantsAnswer: true)),
        ("busy", .busy(1500)),
        (
            "inquiry",
            .inquiry(
                7,
                [Frame.Version(key: 1, sequence: 2), Frame.Version(key: .max, sequence: 3)]
            )
        ),
        ("receipt", .receipt(7)),
        ("have", .have(items)),
        (
            "missing",
            .missing([
                Frame.Slot(author: peer, incarnation: incarnation, slot: 0),
                Frame.Slot(author: node, incarnation: .max, slot: .max),
            ])
        ),
        ("renewal", .renewal(RenewedHead(records[0].record, isNews: true)!)),
        ("want-renewals", .wantRenewals([1, .max])),
        ("tree-pull", tree([.pull(prefix, from: 0x12f0 << 48), .pull(.root, from: 0)])),
        ("tree-pulled", tree([.pulled(prefix, next: 0x12f7 << 48), .pulled(.root, next: nil)])),
        ("acknowledgement-equal", .acknowledgement(number, nil)),
    ]

    // MARK: Datagrams

    static let pairKey = SealingKey(
        mine: agreement,
        myself: node,
        theirs: theirs.publicHalf,
        peer: peer,
        cluster: cluster
    )!

    static func packet(_ frames: [Frame]) -> SealedPacket {
        SealedPacket(sender: node, sentAt: now, counter: 42, frames: frames)
    }

    static func sealed(_ frames: [Frame]) -> [UInt8] {
        packet(frames).sealed(for: peer, key: pairKey, nonce: nonce)
    }

    /// By the name of its golden file.
    static let hellos: [(name: String, hello: Hello)] = [
        ("hello", Hello(sender: node, wantsAnswer: false, head: records[0].record.bytes)),
        ("hello-asking", Hello(sender: node, wantsAnswer: true, head: records[0].record.bytes)),
        ("call", Hello(sender: node, wantsAnswer: false, head: [])),
    ]
}

extension Frame {
    var bytes: [UInt8] {
        var writer = ByteWriter()
        write(into: &writer)
        return writer.bytes
    }

    /// - Throws: `FormatError`, also where bytes are left.
    init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        self = try Frame(&reader)
        try reader.finish()
    }

    /// The first byte of the frame.
    var kind: UInt8 { bytes[0] }
}
