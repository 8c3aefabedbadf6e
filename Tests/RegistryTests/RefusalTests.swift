import Registry
import Sodium
import Testing
import Vocabulary

/// Every reason for which a record is not taken: the store is the same after it.
struct RefusalTests {
    private let realm = Realm()
    private let now = Realm.beginning

    /// Offers a record that must be refused, and returns how many signatures were checked.
    @discardableResult
    private func refuse(
        _ record: Record,
        _ refusal: Refusal,
        by store: RecordStore,
        at now: WallTime = Realm.beginning,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Int {
        var store = store
        let (snapshot, generation) = (store.snapshot, store.generation)
        let counting = CountingCheck()
        let acceptance = store.accept(record, at: now, check: counting.check)
        #expect(acceptance == .refused(refusal), sourceLocation: sourceLocation)
        #expect(store.snapshot == snapshot, sourceLocation: sourceLocation)
        #expect(store.generation == generation, sourceLocation: sourceLocation)
        return counting.asked
    }

    private func store(_ records: [Record]) -> RecordStore {
        var store = realm.store()
        store.take(records)
        #expect(store.count > 0 || records.isEmpty)
        return store
    }

    @Test func `known: this very version is here`() {
        var author = Author(1, in: realm)
        let records = [author.head(), author.declare("web"), author.manifest()]
        for record in records {
            #expect(refuse(record, .known, by: store(records)) == 0)
        }
    }

    @Test func `known: another signature of the same content is no other version`() throws {
        var author = Author(1, in: realm)
        let head = author.head()
        let record = author.declare("web")
        let other = try Record(
            decoding: record.bytes.dropLast(64) + [UInt8](repeating: 9, count: 64)
        )
        #expect(other.hash == record.hash)
        #expect(refuse(other, .known, by: store([head, record])) == 0)
    }

    @Test func `older: a later version is here`() {
        var author = Author(1, in: realm)
        let head = author.head()
        let first = author.declare("web")
        let second = author.declare("web", slot: first.header.slot)
        #expect(refuse(first, .older, by: store([head, second])) == 0)
        let later = author.head()
        #expect(refuse(head, .older, by: store([later])) == 0)
    }

    @Test func `older: the epoch orders settings, whatever their sequence`() {
        let second = realm.clusterRecord(realm.settings(epoch: 2), sequence: 1)
        let first = realm.clusterRecord(realm.settings(epoch: 1), sequence: 9)
        #expect(refuse(first, .older, by: store([second])) == 0)
        var other = store([first])
        other.take(second)
        #expect(other.settings?.epoch == 2)
    }

    @Test func `dead: an earlier incarnation, a bit that is out, a chunk below the floor`() {
        var author = Author(1, in: realm)
        let oldHead = author.head()
        let old = [author.declare("old"), author.manifest()]
        author.restart()
        let head = author.head()
        let lost = author.declare("lost")
        _ = author.ledger.close(lost.header.slot)
        let manifest = author.manifest()
        let known = store([head, manifest])
        for record in old + [lost] { #expect(refuse(record, .dead, by: known) == 0) }
        #expect(refuse(oldHead, .older, by: known) == 0)
        let raised = author.head { $0.chunkFloor = 1 }
        let alive = author.declare("alive")
        let above = store([raised])
        #expect(refuse(alive, .dead, by: above) == 0)
        #expect(refuse(author.manifest(), .dead, by: above) == 0)
    }

    @Test func `waiting: the author's HEAD, or that of this incarnation, is not here`() {
        var author = Author(1, in: realm)
        let early = author.declare("early")
        let head = author.head()
        #expect(refuse(early, .waiting, by: realm.store()) == 0)
        author.restart()
        #expect(refuse(author.declare("later"), .waiting, by: store([head])) == 0)
        #expect(refuse(author.manifest(), .waiting, by: store([head])) == 0)
    }

    @Test func `future: a time an hour ahead, or a start a day ahead`() {
        var author = Author(1, in: realm, at: now.advanced(by: .seconds(3601)))
        #expect(refuse(author.head { $0.leaseEnd -= 1 }, .future, by: realm.store()) == 0)
        var late = Author(2, in: realm)
        let start = now.advanced(by: .seconds(86_401))
        late.pen = Pen(
            key: Realm.key(2),
            cluster: realm.cluster,
            incarnation: Pen.incarnation(after: 0, at: start, chance: 0)
        )
        #expect(refuse(late.head(), .future, by: realm.store()) == 0)
        // An hour and a day themselves pass.
        author.now = now.advanced(by: .seconds(3600))
        author.pen = Pen(
            key: Realm.key(1),
            cluster: realm.cluster,
            incarnation: Pen.incarnation(
                after: 0,
                at: now.advanced(by: .seconds(86_400)),
                chance: 0
            )
        )
        #expect(store([author.head()]).count == 1)
    }

    @Test func `future: what a record says of a time an hour ahead, in a record of now`() {
        var author = Author(1, in: realm) { $0.isAdmin = true }
        let known = store([author.head()])
        let resource = Resource.address(IPAddress("10.96.0.9")!)
        for (seconds, isTaken) in [(3600, true), (3601, false), (1 << 40, false)] {
            let stamp = HybridTime(now.advanced(by: .seconds(seconds)))
            let line = Retraction(service: realm.service("web"), upTo: stamp)
            let release = Release(
                resource: resource,
                service: realm.service("web"),
                releasedAt: stamp
            )
            let records = [
                author.declare("web", stamp: stamp),
                author.write(.retract, slot: author.ledger.open(), .retractions([line])),
                author.write(.release, slot: author.ledger.open(), .releases([release])),
            ]
            for record in records where isTaken {
                #expect(store(known.snapshot + [record]).count == 2)
            }
            for record in records where !isTaken {
                #expect(refuse(record, .future, by: known) == 0)
            }
        }
    }

    @Test func `certificate: of another cluster, of another node, or by another root`() {
        let foreign = Author(1, in: Realm(2))
        var author = Author(1, in: realm)
        author.certificate = foreign.certificate
        #expect(refuse(author.head(), .certificate, by: realm.store()) == 0)
        author.certificate = realm.certificate(2)
        #expect(refuse(author.head(), .certificate, by: realm.store()) == 0)
        author.certificate = Certificate(signing: realm.content(1), by: Realm.key(99))!
        #expect(refuse(author.head(), .certificate, by: realm.store()) == 1)
    }

    @Test func `certificate: a forged one is refused beside the true one, too`() {
        var author = Author(1, in: realm)
        let known = store([author.head()])
        var greedy = realm.content(1)
        greedy.maximumServices = 60_000
        author.certificate = Certificate(signing: greedy, by: Realm.key(1))!
        refuse(author.head(), .certificate, by: known)
    }

    @Test func `expired: a certificate that ended or has not begun`() {
        var author = Author(1, in: realm) { $0.notAfter = Realm.beginning.seconds - 1 }
        #expect(refuse(author.head(), .expired, by: realm.store()) == 0)
        author.certificate = realm.certificate(1) { $0.notBefore = Realm.beginning.seconds + 1 }
        #expect(refuse(author.head(), .expired, by: realm.store()) == 0)
        author.certificate = realm.certificate(1) { $0.notAfter = Realm.beginning.seconds }
        #expect(store([author.head()]).count == 1)
    }

    @Test func `signature: every bit of a forged record costs one check and changes nothing`()
        throws
    {
        var author = Author(1, in: realm)
        let head = author.head()
        let record = author.declare("web")
        let known = store([head])
        for place in record.bytes.count - 64..<record.bytes.count {
            var bytes = record.bytes
            bytes[place] ^= 1
            #expect(refuse(try Record(decoding: bytes), .signature, by: known) == 1)
        }
        // Another hand than the author's.
        let header = RecordHeader(
            kind: .declaration,
            author: author.id,
            incarnation: author.pen.incarnation,
            sequence: 9,
            slot: 7,
            time: HybridTime(now)
        )
        let forged = Record(header, record.body, key: Realm.key(2), cluster: realm.cluster)!
        refuse(forged, .signature, by: known)
        let forgedHead = Record(
            RecordHeader(
                kind: .head,
                author: author.id,
                incarnation: author.pen.incarnation,
                sequence: 9,
                slot: 0,
                time: HybridTime(now)
            ),
            head.body,
            key: Realm.key(2),
            cluster: realm.cluster
        )!
        refuse(forgedHead, .signature, by: known)
        refuse(forgedHead, .signature, by: realm.store())
    }

    @Test func `signature: a record of another cluster does not count in this one`() {
        var author = Author(1, in: realm)
        let known = store([author.head()])
        author.pen = Pen(
            key: Realm.key(1),
            cluster: Realm(2).cluster,
            incarnation: author.pen.incarnation
        )
        author.pen.skip(past: 10)
        refuse(author.declare("web"), .signature, by: known)
        refuse(author.head(), .signature, by: known)
    }

    @Test func `signature: settings count by a root's hand only`() {
        let settings = realm.settings(epoch: 5)
        let genuine = realm.clusterRecord(settings)
        for key in [Realm.key(1), Realm(2).root] {
            for author in [NodeID(of: key.verifyingKey), genuine.author] {
                let header = RecordHeader(
                    kind: .cluster,
                    author: author,
                    incarnation: 0,
                    sequence: 5,
                    slot: 0,
                    time: .zero
                )
                let forged = Record(header, .cluster(settings), key: key, cluster: realm.cluster)!
                refuse(forged, .signature, by: store([realm.clusterRecord(realm.settings())]))
            }
        }
        #expect(store([genuine]).settings == settings)
    }

    @Test func `lease: one longer than three days, or one that ran out two weeks ago`() {
        var author = Author(1, in: realm)
        #expect(refuse(author.head { $0.leaseEnd += 2 }, .lease, by: realm.store()) == 0)
        #expect(store([author.head { $0.leaseEnd += 1 }]).count == 1)
        let old = author.head()
        let purged = now.advanced(by: .seconds((72 + 336 + 1) * 3600))
        #expect(refuse(old, .lease, by: realm.store(), at: purged) == 0)
        var before = realm.store()
        before.take(old, at: purged.advanced(by: .seconds(-3600)))
        #expect(before.count == 1)
    }

    @Test func `namespace: a service outside the certificate`() {
        var author = Author(1, in: realm) { $0.namespaces = ["default", "team-*"] }
        let known = store([author.head()])
        for namespace in ["kube-system", "default-2", "team", "defaul"] {
            #expect(refuse(author.declare("web", in: namespace), .namespace, by: known) == 0)
        }
        for namespace in ["default", "team-", "team-a"] where namespace != "team-" {
            var open = known
            open.take(author.declare("web", in: namespace))
            #expect(open.count == 2)
        }
    }

    @Test func `address: an endpoint outside the certificate`() {
        var author = Author(1, in: realm)
        let known = store([author.head()])
        let own = Endpoint(address: IPAddress("10.0.0.1")!)
        for text in ["10.0.0.2", "10.244.2.1", "10.244.0.255", "fd00::1"] {
            let stray = Endpoint(address: IPAddress(text)!)
            #expect(refuse(author.offer("web", [own, stray]), .address, by: known) == 0)
        }
        var open = known
        open.take(author.offer("web", [own, Endpoint(address: IPAddress("10.244.1.255")!)]))
        #expect(open.count == 2)
    }

    @Test func `quota: more records than the author may keep alive`() {
        var author = Author(1, in: realm) { $0.maximumRecords = 2 }
        let first = author.declare("a")
        let records = [author.head(), first, author.offer("a")]
        var full = store(records)
        #expect(refuse(author.declare("b"), .quota, by: full) == 0)
        // An update takes no further place, and a deletion frees one.
        full.take(author.declare("a", slot: first.header.slot))
        _ = author.ledger.close(first.header.slot)
        full.take([author.manifest(), author.declare("c")])
        #expect(full.records(of: author.id).count == 2)
    }

    @Test func `slot: beyond the sixteen chunks that an author may have open`() {
        var author = Author(1, in: realm)
        let known = store([author.head()])
        #expect(refuse(author.declare("web", slot: 65_536), .slot, by: known) == 0)
        #expect(refuse(author.declare("web", slot: .max), .slot, by: known) == 0)
        for chunk in [UInt32(16), 65_534, 65_535, .max] {
            let map = RecordBody.manifest(SlotMap())
            let record = author.write(.manifest, slot: chunk, map)
            #expect(refuse(record, .slot, by: known) == 0)
        }
        var open = known
        open.take(author.declare("web", slot: 65_535))
        open.take(author.write(.manifest, slot: 15, .manifest(SlotMap())))
        #expect(open.count == 3)
    }

    @Test func `what this node signed itself is not checked again`() {
        var author = Author(1, in: realm)
        var store = realm.store()
        for record in [author.head(), author.declare("web"), author.manifest()] {
            #expect(store.accept(record, at: now, check: nil) == .stored(released: []))
        }
    }

    @Test func `a signature is checked once for each record that is stored`() {
        var author = Author(1, in: realm)
        let counting = CountingCheck()
        var store = realm.store()
        // The first HEAD costs two: its certificate is checked as well.
        let records = [author.head(), author.head(), author.declare("web"), author.manifest()]
        for _ in 0..<3 {
            for record in records { _ = store.accept(record, at: now, check: counting.check) }
        }
        #expect(counting.asked == 5)
    }
}
