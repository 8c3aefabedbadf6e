import Registry
import Testing
import Vocabulary

/// What waits, what is forgotten, and what a HEAD does to what is there.
struct RecordStoreTests {
    private let realm = Realm()
    private let now = Realm.beginning

    @Test func `records that came before their HEAD are released with it, in order`() {
        var author = Author(1, in: realm)
        var store = realm.store()
        let early = [author.declare("a"), author.offer("a"), author.manifest()]
        store.take(early + early)
        #expect(store.count == 0)
        #expect(store.roots == realm.store().roots)
        #expect(store.accept(author.head(), at: now, check: .real) == .stored(released: early))
        // They are offered again by whoever called; the room is empty.
        #expect(store.accept(author.head(), at: now, check: .real) == .stored(released: []))
    }

    @Test func `what waits for a later incarnation goes on waiting, and the dead are let go`() {
        var author = Author(1, in: realm)
        var store = realm.store()
        let firstHead = author.head()
        let first = author.declare("a")
        author.restart()
        let second = author.declare("b")
        author.restart()
        let third = author.declare("c")
        let thirdHead = author.head()
        store.take([first, second, third])
        #expect(store.accept(firstHead, at: now, check: .real) == .stored(released: [first]))
        #expect(store.accept(thirdHead, at: now, check: .real) == .stored(released: [third]))
    }

    @Test func `one author fills 64 KB of the waiting room, and all together 4,096 records`() {
        var store = realm.store()
        var noisy = Author(1, in: realm)
        for _ in 0..<600 { store.take(noisy.declare("a")) }
        guard case .stored(let mine) = store.accept(noisy.head(), at: now, check: .real) else {
            Issue.record("a HEAD is not stored")
            return
        }
        let bytes = mine.reduce(0) { $0 + $1.bytes.count }
        #expect(bytes <= 65_536 && bytes > 65_536 - 1280)
        #expect(mine == Array(noisy.signed.prefix(mine.count)))
    }

    @Test func `purge forgets authors by their own HEAD, and they come back with a new one only`() {
        var author = Author(1, in: realm)
        var other = Author(2, in: realm)
        let records = [author.head(), author.declare("a"), author.offer("a"), author.manifest()]
        var store = realm.store()
        store.take(records)
        let last = now.advanced(by: .seconds((72 + 336) * 3600))
        other.now = last
        let head = other.head()
        store.take(head, at: last)
        _ = store.drainChanges()
        #expect(store.purge(at: last).isEmpty)
        let after = last.advanced(by: .seconds(3600))
        #expect(store.purge(at: after) == [author.id])
        #expect(store.snapshot == [head])
        #expect(store.authors == [other.id])
        #expect(store.drainChanges().recordKeys == records.map(\.key).sorted())
        #expect(store.purge(at: after).isEmpty)
        // Whatever is replayed, nothing of it comes back.
        store.take(records, at: after)
        #expect(store.snapshot == [head])
        author.now = after
        store.take(author.head(), at: after)
        #expect(store.authors == [author.id, other.id].sorted())
    }

    @Test func `purge forgets who has no certificate any more`() {
        var author = Author(1, in: realm) { $0.notAfter = Realm.beginning.seconds + 10 }
        var store = realm.store()
        store.take([author.head(), author.declare("a")])
        #expect(store.purge(at: now.advanced(by: .seconds(10))).isEmpty)
        #expect(store.purge(at: now.advanced(by: .seconds(11))) == [author.id])
        #expect(store.count == 0)
    }

    @Test func `a new incarnation takes the place of all that was there`() {
        var author = Author(1, in: realm)
        var store = realm.store()
        store.take([author.head(), author.declare("a"), author.declare("b"), author.manifest()])
        author.restart()
        let head = author.head()
        store.take(head)
        #expect(store.snapshot == [head])
    }

    @Test func `a HEAD with a narrower certificate ends what it no longer allows`() {
        var author = Author(1, in: realm)
        let first = author.head()
        let wide = [author.declare("a", in: "other"), author.offer("a")]
        let kept = author.declare("b")
        author.certificate = realm.certificate(1) {
            $0.namespaces = ["default"]
            $0.podCIDRs = []
        }
        let second = author.head()
        var store = realm.store()
        store.take([first] + wide + [kept, second])
        var other = realm.store()
        other.take([second, first, kept] + wide)
        #expect(other.snapshot == [second, kept])
        #expect(store.snapshot == other.snapshot)
        #expect(store.roots == other.roots)
    }

    @Test func `two records of one slot and sequence leave every store with the same proof`() {
        var author = Author(1, in: realm)
        let head = author.head()
        let header = RecordHeader(
            kind: .declaration,
            author: author.id,
            incarnation: author.pen.incarnation,
            sequence: 5,
            slot: 0,
            time: HybridTime(now)
        )
        let twins = ["a", "b"].map { name -> Record in
            let wish = Declaration(
                service: Realm.name(name),
                specStamp: .zero,
                spec: .web,
                claims: []
            )
            return Record(header, .declaration(wish), key: Realm.key(1), cluster: realm.cluster)!
        }
        var (left, right) = (realm.store(), realm.store())
        left.take([head] + twins)
        right.take([head] + twins.reversed())
        #expect(left.snapshot == right.snapshot)
        #expect(left.roots == right.roots)
        #expect(left.snapshot.map(\.header.kind) == [.fault])
    }

    @Test func `a record is found by its key and by its place in the trie`() {
        var author = Author(1, in: realm)
        var store = realm.store()
        let records = [author.head(), author.manifest(), author.declare("a"), author.offer("a")]
        store.take(records)
        for record in records {
            #expect(store[record.key] == record)
            #expect(store.records(trieKey: record.key.trieKey) == [record])
            let half = store.trie(record.key.kind.isControl ? .control : .data)
            let entry = half.entries(under: .root).first { $0.key == record.key.trieKey }
            #expect(entry?.hash == record.hash && entry?.sequence == record.header.sequence)
        }
        #expect(store.records(of: author.id) == Array(records[2...]))
        #expect(store.records(trieKey: 0).isEmpty)
    }
}
