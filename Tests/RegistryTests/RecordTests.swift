import Registry
import Sodium
import Testing
import Vocabulary

/// The signed unit: its bytes, its hash and what a format has room for.
struct RecordTests {
    private let realm = Realm()

    @Test func `the signature covers cluster, header and body, and the hash does not cover it`() {
        var author = Author(1, in: realm)
        let record = author.declare("web")
        let body = record.bytes[48..<record.bytes.count - 64]
        let covered = Array(record.bytes[..<48]) + BLAKE2b.hash(Array(body))
        let message = Array("gv1-rec\0".utf8) + realm.cluster.bytes + covered
        #expect(message.count == 104)
        #expect(record.signedBytes(in: realm.cluster) == message)
        #expect(Realm.key(1).verifyingKey.isValid(record.signature, for: message))
        #expect(record.hash.bytes == BLAKE2b.hash(covered))
        #expect(record.shortID == record.hash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    @Test func `a record of 1,280 bytes is one, and of 1,281 is none`() throws {
        var author = Author(1, in: realm)
        func page(hostname length: Int) -> RecordBody {
            let last = String(repeating: "h", count: length)
            return .endpoints([
                EndpointEntry(
                    service: realm.service("web"),
                    ports: [],
                    endpoints: (0...180).map {
                        Endpoint(address: .v4(UInt32($0)), hostname: $0 < 180 ? "" : last)
                    }
                )
            ])
        }
        let fitting = author.write(.endpoints, slot: 0, page(hostname: 62))
        #expect(fitting.bytes.count == 1280)
        #expect(try Record(decoding: fitting.bytes) == fitting)
        let sequence = author.pen.sequence
        let larger = author.pen.write(.endpoints, slot: 0, page(hostname: 63), at: author.now)
        #expect(larger == nil)
        #expect(author.pen.sequence == sequence, "a number was used for nothing")
        #expect(throws: FormatError.tooLarge("record")) {
            try Record(decoding: fitting.bytes + [0])
        }
    }

    @Test func `a service with 32 NodePorts is a record that peers can read`() throws {
        var author = Author(1, in: realm)
        let ports = (0..<32).map { ServicePort(name: "p\($0)", port: UInt16(1000 + $0)) }
        let spec = ServiceSpec(type: .nodePort, ports: ports)
        let claims = Claimant(realm.settings(), book: AddressBook()).claimsToAdd(
            for: spec,
            service: realm.service("wide"),
            held: [],
            stamp: .zero,
            at: Realm.beginning
        )
        #expect(claims.count == 33)
        let record = author.declare("wide", spec: spec, claims: claims)
        #expect(try Record(decoding: record.bytes).body == record.body)
    }

    /// What a format has no room for is `nil`, and neither a trap nor a record that no peer reads.
    @Test func `what passes a limit of the format is not signed`() {
        var author = Author(1, in: realm)
        var settings = realm.settings()
        settings.name = String(repeating: "x", count: 256)
        var reserved = realm.settings()
        reserved.reservedOffsets = Array(repeating: 1, count: 256)
        let endpoints = (0..<256).map { Endpoint(address: .v4(0x0a00_0000 + UInt32($0))) }
        let service = realm.service("web")
        let port = EndpointPort(port: 1)
        let small = EndpointEntry(service: service, ports: [], endpoints: [])
        let claim = Claim(.address(.v4(1)), stamp: .zero)
        func sealed(_ count: Int, letters: Int) -> Claim {
            let signature = [UInt8](repeating: 0, count: letters)
            let seal = Claim.Seal(witness: NodeID(1), signature: signature)
            let seals = Array(repeating: seal, count: count)
            return Claim(.address(.v4(1)), stamp: .zero, seals: seals)
        }
        func wish(_ claims: [Claim], _ spec: ServiceSpec = .web) -> RecordBody {
            .declaration(
                Declaration(
                    service: Realm.name("web"),
                    specStamp: .zero,
                    spec: spec,
                    claims: claims
                )
            )
        }
        var huge = ServiceSpec.web
        huge.annotations = (0..<100).map {
            KeyValue("k\(100 + $0)", String(repeating: "x", count: 1000))
        }
        let address = PeerAddress(.v4(1), port: 1)
        let bodies: [(RecordKind, RecordBody)] = [
            (.cluster, .cluster(settings)),
            (.cluster, .cluster(reserved)),
            (.declaration, wish(Array(repeating: claim, count: 300))),
            (.declaration, wish([sealed(4, letters: 64)])),
            (.declaration, wish([sealed(1, letters: 63)])),
            (.declaration, wish([], huge)),
            (.endpoints, .endpoints(Array(repeating: small, count: 65))),
            (
                .endpoints,
                .endpoints([EndpointEntry(service: service, ports: [], endpoints: endpoints)])
            ),
            (
                .endpoints,
                .endpoints([
                    EndpointEntry(
                        service: service,
                        ports: Array(repeating: port, count: 256),
                        endpoints: []
                    )
                ])
            ),
            (
                .head,
                .head(
                    Head(
                        certificate: author.certificate,
                        leaseEnd: 0,
                        agreementKey: [UInt8](repeating: 0, count: 32),
                        addresses: Array(repeating: address, count: 5)
                    )
                )
            ),
        ]
        for (kind, body) in bodies {
            #expect(author.pen.write(kind, slot: 0, body, at: author.now) == nil)
        }
    }

    @Test func `versions are ordered by incarnation, then sequence, then hash`() {
        var author = Author(1, in: realm)
        let (first, second) = (author.head(), author.head())
        author.restart()
        let third = author.head()
        #expect(first.version < second.version && second.version < third.version)
        #expect(first.key == second.key && second.key == third.key)
    }
}
