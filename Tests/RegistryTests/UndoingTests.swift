// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Testing
import Vocabulary

/// What an author said for good and takes back: a proof against it (registry design, section 8, P2).
struct UndoingTests {
    private let realm = Realm()

    private func map(_ bits: [Bool]) -> SlotMap {
        var map = SlotMap()
        for bit in bits { map.append(lit: bit) }
        return map
    }

    /// A HEAD, a declaration in slot 0, and manifests that say this of the slots, in this order.
    private func history(
        _ author: inout Author,
        _ maps: [[Bool]]
    ) -> (head: Record, wish: Record, manifests: [Record]) {
        let (head, wish) = (author.head(), author.declare("a"))
        var manifests: [Record] = []
        for bits in maps {
            manifests.append(author.write(.manifest, slot: 0, .manifest(map(bits))))
        }
        return (head, wish, manifests)
    }

    private func isConvicted(_ store: RecordStore, _ author: Author) -> Bool {
        store.voids(author.id, author.pen.incarnation)
            && store.snapshot.map(\.header.kind) == [.fault]
    }

    @Test(arguments: [[0, 1], [1, 0]])
    func `a bit that is lit again convicts its author, whichever manifest came first`(
        order: [Int]
    ) {
        var author = Author(1, in: realm)
        let (head, wish, manifests) = history(&author, [[false], [true]])
        var store = realm.store()
        store.take([head] + order.map { manifests[$0] })
        #expect(isConvicted(store, author))
        #expect(store.take(wish) == .refused(.faulty))
    }

    @Test func `a manifest that speaks of fewer slots convicts its author`() {
        var author = Author(1, in: realm)
        let (head, _, manifests) = history(&author, [[true, true], [true]])
        var store = realm.store()
        store.take([head] + manifests)
        #expect(isConvicted(store, author))
    }

    @Test func `bits that go out and slots that are new convict nobody, in any order`() {
        var author = Author(1, in: realm)
        let (head, _, manifests) = history(
            &author,
            [[true], [true, true], [false, true], [false, true, false, true]]
        )
        var random = RandomStream(Seed(1), "order")
        for _ in 0..<30 {
            var store = realm.store()
            store.take([head] + random.shuffle(manifests))
            #expect(store.snapshot == [head, manifests[3]])
        }
    }

    @Test func `a lease that ends earlier and chunks that come back convict their author`() {
        for undo in [
            { (head: inout Head) in head.leaseEnd -= 1 },
            { (head: inout Head) in head.chunkFloor = 1 },
        ] {
            for isReversed in [false, true] {
                var author = Author(1, in: realm)
                let first = author.head { $0.chunkFloor = 2 }
                author.certificate = realm.certificate(1) { $0.notAfter += 60 }
                let second = author.head {
                    $0.chunkFloor = 2
                    undo(&$0)
                }
                var store = realm.store()
                store.take(isReversed ? [second, first] : [first, second])
                #expect(isConvicted(store, author))
            }
        }
    }

    @Test func `a later record of an earlier time convicts its author`() {
        var author = Author(1, in: realm)
        var early = author
        author.now = author.now.advanced(by: .seconds(60))
        let head = author.head()
        early.pen.skip(past: 5)
        let late = early.declare("a")
        var store = realm.store()
        store.take([head, late])
        #expect(isConvicted(store, author))
    }

    @Test func `stores of which none saw both end with one verdict as soon as two of them meet`() {
        var author = Author(1, in: realm)
        let (head, wish, manifests) = history(&author, [[true], [false], [true], [true, true]])
        var stores = (0..<4).map { _ in realm.store() }
        for (index, manifest) in manifests.enumerated() {
            stores[index].take([head, wish, manifest])
        }
        for _ in 0..<3 {
            for index in stores.indices {
                let held = stores[index].snapshot
                for other in stores.indices { stores[other].take(held) }
            }
        }
        for store in stores {
            #expect(isConvicted(store, author))
            #expect(store.roots == stores[0].roots)
        }
    }

    @Test func `a proof convinces a store that knows nothing, and no byte of it can be another`()
        throws
    {
        var author = Author(1, in: realm)
        var random = RandomStream(Seed(1), "bits")
        // Nine hundred slots: two pages, so that a proof has a path.
        var bits = (0..<900).map { _ in random.chance(1, in: 2) }
        bits[700] = false
        var again = bits
        again[700] = true
        let (head, _, manifests) = history(&author, [bits, again])
        var heads = Author(2, in: realm)
        let promises = [heads.head(), heads.head { $0.leaseEnd -= 1 }]
        for records in [[head] + manifests, promises] {
            var store = realm.store()
            store.take(records)
            let proof = try #require(store.snapshot.first { $0.header.kind == .fault })
            var other = realm.store()
            #expect(other.take(try Record(decoding: proof.bytes)) == .stored(released: []))
            #expect(other.snapshot == [proof])
            for place in proof.bytes.indices {
                var bytes = proof.bytes
                bytes[place] ^= 1 << UInt8(place % 8)
                guard let forged = try? Record(decoding: bytes) else { continue }
                var ignorant = realm.store()
                guard case .refused = ignorant.take(forged) else {
                    Issue.record("byte \(place) may be another")
                    return
                }
            }
        }
    }

    @Test func `the largest proofs fit a record`() throws {
        var content = realm.content(1)
        while Certificate(signing: content, by: realm.root) != nil {
            content.labels.append(KeyValue("k", ""))
        }
        content.labels.removeLast()
        var author = Author(1, in: realm)
        author.certificate = try #require(Certificate(signing: content, by: realm.root))
        #expect(author.certificate.bytes.count > Certificate.maximumLength - 3)
        var random = RandomStream(Seed(1), "bits")
        var bits = (0..<4096).map { _ in random.chance(1, in: 2) }
        bits[4000] = false
        var again = bits.map { _ in random.chance(1, in: 2) }
        again[4000] = true
        let (head, _, manifests) = history(&author, [bits, again])
        var store = realm.store()
        store.take([head] + manifests)
        #expect(isConvicted(store, author))
        author.restart()
        let addresses = Array(repeating: PeerAddress(.v6(.max), port: .max), count: 4)
        let heads = [UInt16(1), 0].map { floor in
            author.head {
                $0.chunkFloor = floor
                $0.addresses = addresses
            }
        }
        store.take(heads)
        #expect(store.snapshot.map(\.header.kind) == [.fault, .fault])
    }

    @Test func `what is old and contradicts nothing costs no signature check`() {
        var author = Author(1, in: realm)
        let (head, _, manifests) = history(&author, [[true], [false]])
        let counter = CountingCheck()
        var store = realm.store()
        store.take([head, manifests[1]])
        #expect(store.take(manifests[0], check: counter.check) == .refused(.older))
        #expect(counter.asked == 0)
    }

    @Test func `a contradiction that nobody signed changes nothing`() throws {
        var author = Author(1, in: realm)
        let (head, _, manifests) = history(&author, [[false], [true]])
        var store = realm.store()
        store.take([head, manifests[1]])
        var bytes = manifests[0].bytes
        bytes[bytes.count - 1] ^= 1
        #expect(store.take(try Record(decoding: bytes)) == .refused(.signature))
        #expect(store.snapshot == [head, manifests[1]])
    }
}
