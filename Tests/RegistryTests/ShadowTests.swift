import Registry
import Testing
import Vocabulary

/// Make before break: what a restarted author had is shown until what it has now is here
/// (registry design, section 3.5).
struct ShadowTests {
    private let realm = Realm()
    private let now = Realm.beginning

    private func names(_ store: RecordStore, _ author: Author, at time: WallTime) -> [String] {
        (store.exhibit(of: author.id, at: time)?.records ?? []).compactMap { record in
            if case .declaration(let declaration) = record.body {
                declaration.service.name
            } else {
                nil
            }
        }
    }

    /// A store that saw two services of an author, and then the first of its new start.
    private func restarted() -> (store: RecordStore, author: Author, rest: [Record]) {
        var author = Author(1, in: realm)
        var store = realm.store()
        store.take([author.declare("a"), author.declare("b"), author.manifest(), author.head()])
        author.restart()
        let slots = [author.declare("a"), author.declare("b")]
        let manifest = author.manifest()
        store.take(author.head())
        return (store, author, slots + [manifest])
    }

    // Invariant 17.
    @Test func `a restart with the same wishes hides nothing at any step`() {
        var (store, author, rest) = restarted()
        #expect(store.isShadowed(author.id))
        for record in rest {
            #expect(names(store, author, at: now) == ["a", "b"])
            store.take(record)
        }
        #expect(!store.isShadowed(author.id))
        #expect(names(store, author, at: now) == ["a", "b"])
    }

    @Test func `a shadow is shown for a minute at most`() {
        var (store, author, _) = restarted()
        let almost = now.advanced(by: .milliseconds(59_999))
        #expect(store.endShadows(at: almost).isEmpty)
        #expect(names(store, author, at: almost) == ["a", "b"])
        let end = now.advanced(by: .seconds(60))
        #expect(store.endShadows(at: end) == [author.id])
        #expect(names(store, author, at: end).isEmpty)
    }

    @Test func `a clock that is set back does not make a shadow longer`() {
        var (store, author, _) = restarted()
        #expect(store.endShadows(at: now.advanced(by: .seconds(-1))) == [author.id])
    }

    @Test func `a shadow is in no digest and is never given away`() {
        let (store, author, _) = restarted()
        #expect(store.count == 1 && store.snapshot.map(\.header.kind) == [.head])
        #expect(store.records(of: author.id).isEmpty)
        #expect(store.data.count == 0)
    }

    @Test func `what a restarted author no longer wishes ends when the rest is complete`() {
        var author = Author(1, in: realm)
        var store = realm.store()
        store.take([author.declare("a"), author.declare("b"), author.manifest(), author.head()])
        author.restart()
        let kept = author.declare("a")
        store.take([author.manifest(), author.head()])
        #expect(names(store, author, at: now) == ["a", "b"])
        store.take(kept)
        #expect(names(store, author, at: now) == ["a"])
    }

    @Test func `who says farewell has no shadow`() {
        var (store, author, _) = restarted()
        author.restart()
        store.take(author.head { $0.hasLeft = true })
        #expect(!store.isShadowed(author.id))
        #expect(store.exhibit(of: author.id, at: now) == nil)
    }

    @Test func `who restarts twice keeps the shadow of what was complete`() {
        var (store, author, _) = restarted()
        author.restart()
        let later = now.advanced(by: .seconds(30))
        store.take(author.head(), at: later)
        #expect(names(store, author, at: later) == ["a", "b"])
        #expect(store.endShadows(at: now.advanced(by: .seconds(60))) == [author.id])
    }

    @Test func `what a new certificate forbids is not shown of the past either`() {
        var author = Author(1, in: realm)
        var store = realm.store()
        store.take([author.declare("a"), author.manifest(), author.head()])
        author.restart()
        author.certificate = realm.certificate(1) { $0.namespaces = ["other"] }
        _ = author.ledger.open()
        store.take([author.manifest(), author.head()])
        #expect(store.isShadowed(author.id))
        #expect(names(store, author, at: now).isEmpty)
    }
}
