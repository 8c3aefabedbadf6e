import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A member gone bad: it seals well, and what it says is refused by its reason.
struct HostileRecordTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    private func met(_ change: (inout Certificate.Content) -> Void = { _ in }) -> Encounter {
        var encounter = Encounter(Seed(1))
        encounter.puppet = Puppet(encounter.authority, machine: 1, change: change)
        encounter.meet()
        return encounter
    }

    private func declaration(_ puppet: inout Puppet, _ time: WallTime) -> Record {
        let body = Declaration(service: name, specStamp: HybridTime(time), spec: spec, claims: [])
        return puppet.record(.declaration, slot: 0, .declaration(body), at: time)
    }

    /// What the node makes of it; nothing that is refused may be seen or passed on.
    private func expectRefused(
        _ encounter: inout Encounter,
        _ bytes: [UInt8],
        as label: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        for frame in [Frame.news(bytes), .repair(bytes)] {
            let effects = encounter.hear([frame])
            #expect(effects.refusals == [label], sourceLocation: location)
            #expect(effects.published.isEmpty, sourceLocation: location)
        }
        let records = encounter.publication?.records
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.isEmpty == true, sourceLocation: location)
        if let records {
            #expect(encounter.publication?.records == records, sourceLocation: location)
        }
    }

    @Test
    func `what is refused below is taken when it is true`() throws {
        var encounter = met()
        let time = encounter.time
        let record = declaration(&encounter.puppet, time)
        #expect(encounter.hear([.news(record.bytes)]).refusals == [])
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.map(\.name) == [name])
    }

    @Test
    func `a name that an administrator deletes for all time is not taken from anybody`() {
        var encounter = met { $0.isAdmin = true }
        let service = ServiceID(of: name, in: encounter.authority.anchor.cluster)
        for stamp in [
            HybridTime(raw: .max), HybridTime(encounter.time.advanced(by: .seconds(3700))),
        ] {
            let line = Retraction(service: service, upTo: stamp)
            let record = encounter.puppet.record(
                .retract,
                slot: 0,
                .retractions([line]),
                at: encounter.time
            )
            expectRefused(&encounter, record.bytes, as: "future")
        }
        let outcome = encounter.command(.declare(name, spec, takeOwnership: false)).outcome
        guard case .declared = outcome else { return #expect(Bool(false), "\(outcome as Any)") }
    }

    @Test
    func `a spec stamped far ahead is refused, and wins nothing when it is deleted`() {
        for seconds in [3700, 86_400 * 365 * 10] {
            var encounter = met()
            let time = encounter.time
            let stamp = time.advanced(by: .seconds(seconds))
            let body = Declaration(
                service: name,
                specStamp: HybridTime(stamp),
                spec: spec,
                claims: []
            )
            let record = encounter.puppet.record(
                .declaration,
                slot: 0,
                .declaration(body),
                at: time
            )
            expectRefused(&encounter, record.bytes, as: "future")
        }
    }

    @Test
    func `the last revision there is does not keep others from taking a service over`() {
        var encounter = met()
        let time = encounter.time
        let body = Declaration(
            service: name,
            revision: .max,
            specStamp: HybridTime(time.advanced(by: .seconds(1))),
            spec: spec,
            claims: []
        )
        let record = encounter.puppet.record(.declaration, slot: 0, .declaration(body), at: time)
        #expect(encounter.hear([.news(record.bytes)]).refusals == [])
        encounter.wait(.seconds(1))
        let other = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 81)])
        _ = encounter.command(.declare(name, other, takeOwnership: true))
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.map(\.spec) == [other])
    }

    @Test
    func `a record with a wrong signature is refused`() {
        var encounter = met()
        let time = encounter.time
        var bytes = declaration(&encounter.puppet, time).bytes
        bytes[bytes.count - 1] ^= 1
        expectRefused(&encounter, bytes, as: "signature")
    }

    @Test
    func `a record of another cluster is refused`() {
        var encounter = met()
        // The same key, and the signature covers another cluster's name.
        let other = ClusterID(encounter.authority.anchor.cluster.number ^ 1)
        var pen = Pen(
            key: encounter.puppet.identity.key,
            cluster: other,
            incarnation: encounter.puppet.pen.incarnation
        )
        let time = encounter.time
        let body = Declaration(service: name, specStamp: HybridTime(time), spec: spec, claims: [])
        let record = pen.write(.declaration, slot: 0, .declaration(body), at: time)
        expectRefused(&encounter, record?.bytes ?? [], as: "signature")
    }

    @Test
    func `a record in another author's name is refused`() {
        var encounter = met()
        let victim = encounter.node.id
        let header = RecordHeader(
            kind: .declaration,
            author: victim,
            incarnation: Pen.incarnation(after: 0, at: Authority.beginning, chance: 0),
            sequence: 99,
            slot: 9,
            time: HybridTime(encounter.time)
        )
        let body = Declaration(service: name, specStamp: .zero, spec: spec, claims: [])
        let bytes = encounter.puppet.record(header, body: RecordBody.declaration(body).encoded)
        expectRefused(&encounter, bytes, as: "signature")
    }

    @Test
    func `an endpoint outside the certificate's addresses is refused`() throws {
        var encounter = met()
        let entry = EndpointEntry(
            service: ServiceID(of: name, in: encounter.authority.anchor.cluster),
            ports: [EndpointPort(port: 80)],
            endpoints: [Endpoint(address: try #require(IPAddress("192.0.2.1")))]
        )
        let time = encounter.time
        let record = encounter.puppet.record(.endpoints, slot: 0, .endpoints([entry]), at: time)
        expectRefused(&encounter, record.bytes, as: "address")
    }

    @Test
    func `a namespace outside the certificate is refused`() {
        var encounter = met { $0.namespaces = ["team-*"] }
        let time = encounter.time
        expectRefused(&encounter, declaration(&encounter.puppet, time).bytes, as: "namespace")
    }

    @Test
    func `a record from two hours ahead is refused`() {
        var encounter = met()
        let time = encounter.time.advanced(by: .seconds(7200))
        expectRefused(&encounter, declaration(&encounter.puppet, time).bytes, as: "future")
    }

    @Test
    func `a slot that nobody may have open is refused`() {
        var encounter = met()
        let time = encounter.time
        let body = Declaration(service: name, specStamp: HybridTime(time), spec: spec, claims: [])
        let record = encounter.puppet.record(
            .declaration,
            slot: .max,
            .declaration(body),
            at: time
        )
        expectRefused(&encounter, record.bytes, as: "slot")
    }

    @Test
    func `bytes that are no record are counted as malformed`() {
        var encounter = met()
        let time = encounter.time
        let whole = declaration(&encounter.puppet, time).bytes
        for length in 0..<whole.count {
            let effects = encounter.hear([.news(Array(whole.prefix(length)))])
            #expect(effects.refusals == ["malformed"])
        }
    }

    @Test
    func `a certificate of no root of ours is refused`() {
        var encounter = met()
        let other = Authority(Seed(99))
        var impostor = Puppet(encounter.authority, machine: 3)
        let head = impostor.head(at: encounter.time) { $0.certificate = other.certificate(of: 3) }
        expectRefused(&encounter, head.bytes, as: "certificate")
    }

    @Test
    func `a certificate that names another node is refused`() {
        var encounter = met()
        let certificate = encounter.authority.certificate(of: 4)
        let time = encounter.time
        let head = encounter.puppet.head(at: time) { $0.certificate = certificate }
        expectRefused(&encounter, head.bytes, as: "certificate")
    }

    @Test
    func `a lease for ever is refused`() {
        var encounter = met()
        let time = encounter.time
        let head = encounter.puppet.head(at: time) { $0.leaseEnd = .max }
        expectRefused(&encounter, head.bytes, as: "lease")
    }

    @Test
    func `more records than the certificate allows are refused`() {
        var encounter = met { $0.maximumRecords = 2 }
        let time = encounter.time
        var refusals: [String] = []
        for slot in 0..<4 {
            let record = encounter.puppet.record(
                .endpoints,
                slot: UInt32(slot),
                .endpoints([]),
                at: time
            )
            refusals += encounter.hear([.news(record.bytes)]).refusals
        }
        #expect(refusals == ["quota", "quota"])
    }

    // MARK: Accusations

    private func accusation(
        _ encounter: Encounter,
        of subject: NodeID,
        by accuser: NodeID
    ) -> SignedAccusation {
        encounter.puppet.accusation(
            Accusation(
                accuser: accuser,
                subject: subject,
                version: MemberVersion(incarnation: 1, sequence: 1)
            )
        )
    }

    @Test
    func `an accusation signed by someone else is refused`() {
        var encounter = met()
        var third = Puppet(encounter.authority, machine: 2)
        _ = encounter.hear([.news(third.head(at: encounter.time).bytes)])
        let forged = accusation(encounter, of: NodeID(7), by: third.id)
        #expect(encounter.hear([.accusation(forged)]).refusals == ["signature"])
    }

    @Test
    func `an accusation of someone unknown is kept and passed on to nobody`() {
        var encounter = met()
        var third = Puppet(encounter.authority, machine: 2)
        _ = encounter.hear([.news(third.head(at: encounter.time).bytes)])
        encounter.wait(.milliseconds(10))
        let word = accusation(encounter, of: NodeID(7), by: encounter.puppet.id)
        for _ in 0..<3 {
            let effects = encounter.hear([.accusation(word)])
            #expect(effects.refusals == [])
            #expect(effects.sent.isEmpty)
        }
    }

    @Test
    func `one accuser alone evicts nobody`() {
        var encounter = met()
        let others = (2..<6).map { Puppet(encounter.authority, machine: $0) }
        var heads: [Record] = []
        for var other in others {
            heads.append(other.head(at: encounter.time))
            _ = encounter.hear([.news(heads[heads.count - 1].bytes)])
        }
        let victim = heads[0]
        let word = encounter.puppet.accusation(
            Accusation(
                accuser: encounter.puppet.id,
                subject: victim.author,
                version: MemberVersion(
                    incarnation: victim.header.incarnation,
                    sequence: victim.header.sequence
                )
            )
        )
        _ = encounter.hear([.accusation(word)])
        encounter.wait(.milliseconds(100))
        let member = encounter.publication?.members.first { $0.id == victim.author }
        #expect(member?.accusers == [encounter.puppet.id])
        #expect(member?.state == .alive)
    }

    @Test
    func `a node that is accused says that it lives, twice a second at most`() {
        var encounter = met()
        var answers: Set<UInt64> = []
        // What is said of version zero is said of an earlier one: the answer is the current HEAD.
        var version = MemberVersion(incarnation: 0, sequence: 0)
        for _ in 0..<100 {
            let word = Accusation(
                accuser: encounter.puppet.id,
                subject: encounter.node.id,
                version: version
            )
            let signed = encounter.puppet.accusation(word)
            let effects = encounter.hear([.accusation(signed)]) + encounter.wait(.milliseconds(20))
            let frames = encounter.frames(effects)
            let isAnswered = frames.contains { frame in
                switch frame {
                case .news(let bytes): (try? Record(decoding: bytes))?.header.kind == .head
                case .renewal: true
                default: false
                }
            }
            guard isAnswered,
                let head = encounter.node.registry.shelf(of: encounter.node.id)?.head.header
            else { continue }
            answers.insert(head.sequence)
            version = MemberVersion(incarnation: head.incarnation, sequence: head.sequence)
        }
        // The first answer was no refutation: it was signed already.
        #expect((4...6).contains(answers.count))
    }
}
