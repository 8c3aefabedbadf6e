// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Vocabulary

/// Records of the kinds that say what is void, what is released, and who lied.
extension Sample {
    /// Every kind of record, by the name of its golden file.
    static let allRecords = records + lines

    private static let lines: [(name: String, record: Record)] = [
        ("record-release", signed(.release, 4100, 6, releases, by: key)),
        ("record-retract", signed(.retract, 4101, 7, retractions, by: key)),
        ("record-revoke", signed(.revoke, 0, 1, revocation, by: root)),
        ("record-fault", Record(fault)!),
        ("record-fault-manifests", Record(undoneManifest)!),
        ("record-fault-heads", Record(undoneHead)!),
    ]

    private static let releases = RecordBody.releases([
        Release(
            resource: .address(.v4(0x0a60_0032)),
            service: ServiceID(of: service, in: cluster),
            releasedAt: HybridTime(raw: 0x0123_4567_89ab_0001)
        ),
        Release(
            resource: .nodePort(.udp, 30053),
            service: ServiceID(7),
            releasedAt: HybridTime(raw: 0x0123_4567_89ab_0002)
        ),
    ])

    private static let retractions = RecordBody.retractions(
        [
            Retraction(service: ServiceID(7), upTo: HybridTime(raw: 1)),
            Retraction(
                service: ServiceID(of: service, in: cluster),
                upTo: HybridTime(raw: 0x0123_4567_89ab_cdef)
            ),
        ].sorted()
    )

    private static let revocation = RecordBody.revocation(
        Revocation(
            node: peer,
            at: now,
            until: now.seconds + 80 * 86_400,
            reason: "its disk was stolen, grüße"
        )
    )

    private static let liar = SigningKey(seed: bytes("peer", 32))!
    private static let liarsCertificate: Certificate = {
        var content = certificate.content
        content.key = liar.verifyingKey
        content.name = "node-2"
        return Certificate(signing: content, by: root)!
    }()

    /// The peer signed two manifests under one number.
    private static let fault: FaultProof = {
        var other = SlotMap()
        other.append(lit: true)
        return FaultProof(
            signed(.manifest, 0, 9, manifest, by: liar),
            signed(.manifest, 0, 9, .manifest(other), by: liar),
            by: liarsCertificate
        )!
    }()

    /// The peer put slot 600 of 1,100 out, and lit it again.
    private static let undoneManifest: FaultProof = {
        let manifests = [false, true].map { isLit in
            var map = SlotMap()
            for slot in 0..<1100 { map.append(lit: slot == 600 ? isLit : slot % 3 == 0) }
            return RecordBody.manifest(map)
        }
        return FaultProof(
            signed(.manifest, 0, 9, manifests[0], by: liar),
            signed(.manifest, 0, 10, manifests[1], by: liar),
            by: liarsCertificate
        )!
    }()

    /// The peer promised a lease, and then a shorter one.
    private static let undoneHead: FaultProof = {
        let heads = [72, 71].map { hours in
            RecordBody.head(
                Head(
                    certificate: liarsCertificate,
                    leaseEnd: now.hour + hours,
                    agreementKey: agreement.publicHalf,
                    addresses: [PeerAddress("10.0.0.2:7747")!]
                )
            )
        }
        return FaultProof(
            signed(.head, 0, 9, heads[0], by: liar),
            signed(.head, 0, 10, heads[1], by: liar),
            by: liarsCertificate
        )!
    }()

    private static func signed(
        _ kind: RecordKind,
        _ slot: UInt32,
        _ sequence: UInt64,
        _ body: RecordBody,
        by key: SigningKey
    ) -> Record {
        let header = RecordHeader(
            kind: kind,
            author: NodeID(of: key.verifyingKey),
            incarnation: kind == .revoke ? 0 : incarnation,
            sequence: sequence,
            slot: slot,
            time: HybridTime(raw: HybridTime(now).raw + sequence)
        )
        return Record(header, body, key: key, cluster: cluster)!
    }
}
