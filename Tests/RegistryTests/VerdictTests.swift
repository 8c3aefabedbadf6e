// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Testing
import Vocabulary

/// What the root takes back, and what an author proves against itself (registry design,
/// section 8).
struct VerdictTests {
    private let realm = Realm()
    private let now = Realm.beginning

    /// An author and its memory, copied: both go on under one incarnation.
    private func fork(_ number: Int = 1) -> (author: Author, head: Record, twin: Author) {
        var author = Author(number, in: realm)
        let head = author.head()
        return (author, head, author)
    }

    private func proofs(in store: RecordStore) -> [Record] {
        store.snapshot.filter { $0.header.kind == .fault }
    }

    // Invariant 34.
    @Test func `whoever holds both halves of an equivocation holds the same proof`() {
        var (author, head, twin) = fork()
        let (one, other) = (author.declare("a"), twin.declare("b"))
        var (left, right) = (realm.store(), realm.store())
        left.take([head, one])
        right.take([head, other])
        guard case .exposed(let proof) = left.take(other) else {
            Issue.record("no proof")
            return
        }
        right.take(one)
        #expect(proofs(in: left) == [proof] && proofs(in: right) == [proof])
        #expect(left.roots == right.roots)
    }

    @Test func `a proof needs no witness: it convinces a store that knows nothing`() throws {
        var (author, head, twin) = fork()
        var store = realm.store()
        store.take([head, author.declare("a"), twin.declare("b")])
        let proof = try #require(proofs(in: store).first)
        let bytes = try Record(decoding: proof.bytes)
        var other = realm.store()
        #expect(other.take(bytes) == .stored(released: []))
        #expect(other.take(head) == .refused(.faulty))
        var stranger = Realm(2).store()
        #expect(stranger.take(bytes) == .refused(.signature))
    }

    @Test func `two different slots under one number are a proof, and so are two HEADs`() {
        for write in [
            { (author: inout Author) in author.offer("web", slot: 7) },
            { (author: inout Author) in author.head { $0.leaseEnd -= 1 } },
            { (author: inout Author) in author.manifest() },
        ] {
            var (author, head, twin) = fork()
            var store = realm.store()
            store.take([head, author.declare("a"), write(&twin)])
            #expect(store.snapshot.map(\.header.kind) == [.fault])
        }
    }

    @Test func `another signature of the same record is no fault`() throws {
        var author = Author(1, in: realm)
        var store = realm.store()
        let record = author.declare("a")
        store.take([author.head(), record])
        // A bad signer can make many; here it is enough that the bytes differ.
        var bytes = record.bytes
        bytes[bytes.count - 1] ^= 1
        #expect(store.take(try Record(decoding: bytes)) == .refused(.known))
    }

    // Invariant 35.
    @Test func `everything of a faulty start is gone, and an honest twin goes on with a new one`() {
        var (author, head, twin) = fork()
        var store = realm.store()
        let first = author.declare("a")
        let late = author.offer("a")
        store.take([head, first, twin.declare("b")])
        #expect(store.exhibit(of: author.id, at: now) == nil)
        #expect(store.take(late) == .refused(.faulty))
        #expect(store.take(head) == .refused(.faulty))
        author.restart()
        store.take([author.head(), author.declare("a"), author.manifest()])
        #expect(store.exhibit(of: author.id, at: now)?.records.count == 1)
    }

    @Test func `three faults void a key, and the first three of more are kept everywhere`() {
        var author = Author(1, in: realm)
        var faulty: [[Record]] = []
        for _ in 0..<4 {
            let head = author.head()
            var twin = author
            faulty.append([head, author.declare("a"), twin.declare("b")])
            author.restart()
        }
        var (left, right) = (realm.store(), realm.store())
        for records in faulty { left.take(records) }
        for records in faulty.reversed() { right.take(records) }
        left.take(right.snapshot)
        right.take(left.snapshot)
        #expect(left.snapshot == right.snapshot)
        #expect(
            proofs(in: left).map(\.header.incarnation)
                == faulty[..<3].map { $0[0].header.incarnation }
        )
        #expect(left.isVoid(author.id))
        #expect(left.take(author.head()) == .refused(.faulty))
    }

    @Test func `a proof is forgotten with the certificate in it`() {
        var (author, head, twin) = fork()
        var store = realm.store()
        store.take([head, author.declare("a"), twin.declare("b")])
        let end = author.certificate.content.notAfter
        _ = store.purge(at: WallTime(milliseconds: end * 1000))
        #expect(proofs(in: store).count == 1)
        _ = store.purge(at: WallTime(milliseconds: (end + 1) * 1000))
        #expect(store.count == 0)
    }

    // MARK: Revocation

    private func revocation(
        of node: NodeID,
        reason: String = "stolen",
        signedBy key: SigningKey? = nil
    ) -> Record {
        let key = key ?? realm.root
        let header = RecordHeader(
            kind: .revoke,
            author: NodeID(of: key.verifyingKey),
            incarnation: 0,
            sequence: 1,
            slot: 0,
            time: HybridTime(now)
        )
        let body = Revocation(
            node: node,
            at: now,
            until: now.seconds + 86_400,
            reason: reason
        )
        return Record(header, .revocation(body), key: key, cluster: realm.cluster)!
    }

    @Test func `a revoked author is gone everywhere, whatever came first`() {
        var author = Author(1, in: realm)
        let records = [author.head(), author.declare("a"), author.manifest()]
        let revocation = revocation(of: author.id)
        var (before, after) = (realm.store(), realm.store())
        before.take(records + [revocation])
        after.take([revocation])
        for record in records { #expect(after.take(record) == .refused(.revoked)) }
        #expect(before.snapshot == [revocation] && after.snapshot == [revocation])
        #expect(before.authors.isEmpty && before.isRevoked(author.id))
        author.restart()
        #expect(before.take(author.head()) == .refused(.revoked))
    }

    @Test func `only a root revokes`() {
        var store = realm.store()
        let node = Author(1, in: realm).id
        #expect(store.take(revocation(of: node, signedBy: Realm.key(2))) == .refused(.signature))
    }

    @Test func `of two revocations of one node every store keeps the same`() {
        let node = Author(1, in: realm).id
        let two = [revocation(of: node), revocation(of: node, reason: "lost")]
        var (left, right) = (realm.store(), realm.store())
        left.take(two)
        right.take(two.reversed())
        #expect(left.snapshot == right.snapshot && left.count == 1)
    }

    @Test func `a revocation ends when no certificate of the node can be valid`() {
        var store = realm.store()
        let record = revocation(of: Author(1, in: realm).id)
        store.take(record)
        let later = now.advanced(by: .seconds(86_402))
        #expect(store.purge(at: later).isEmpty)
        #expect(store.count == 0)
        #expect(store.take(record, at: later) == .refused(.expired))
    }
}
