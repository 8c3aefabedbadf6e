import Registry
import Simulation
import Vocabulary

/// How authors come, restart, grow old and go.
extension Trial {
    static var lifeTrials: [Trial] {
        [
            Trial(.delivery, "what comes before its author's HEAD waits for it") { seed in
                var author = Scribe(Authority(seed), 0)
                let head = author.head()
                var store = RecordStore(anchor: author.authority.anchor)
                store.take(author.declare("web"))
                store.take(head)
                return store.shown(author.id) == [0] ? nil : "it was forgotten"
            },
            Trial(.delivery, "a slot that no manifest speaks of yet is taken") { seed in
                var (author, store) = prepared(seed)
                author.declare("a")
                store.take(author.signed + [author.manifest(), author.declare("b")])
                return store.shown(author.id) == [0, 1] ? nil : "slots are refused"
            },
            Trial(.watermark, "what lies below the floor is dead, in any order") { seed in
                var (author, store) = prepared(seed)
                var random = RandomStream(seed, "floor")
                let old = author.declare("a", slot: UInt32(random.below(4000)))
                let new = author.declare("b", slot: 4096)
                let head = author.head { $0.chunkFloor = 1 }
                store.take(random.shuffle([old, new, head]))
                store.take(old)
                let shown = store.shown(author.id)
                return shown == [4096] ? nil : "slots \(shown) are shown"
            },
            Trial(.numbering, "two starts from one disk in one second differ") { seed in
                var random = RandomStream(seed, "starts")
                let last = random.next() >> 2
                let starts = (0..<2).map { _ in
                    Pen.incarnation(
                        after: last,
                        at: Authority.beginning,
                        chance: UInt32(truncatingIfNeeded: random.next())
                    )
                }
                return starts[0] == starts[1] ? "both are \(starts[0])" : nil
            },
            Trial(.continuity, "a restart hides nothing before all of it is here") { seed in
                var (author, store) = prepared(seed)
                store.take([author.declare("a"), author.declare("b"), author.manifest()])
                author.restart()
                let records = [author.declare("a"), author.declare("b"), author.manifest()]
                var random = RandomStream(seed, "restart")
                for record in [author.head()] + random.shuffle(records) {
                    store.take(record)
                    if store.shown(author.id).count != 2 { return "something is hidden" }
                }
                let isNew = store.exhibit(of: author.id, at: author.now)?.records.allSatisfy {
                    $0.header.incarnation == author.pen.incarnation
                }
                return isNew == true ? nil : "what is shown is of before"
            },
            Trial(.purge, "who was not heard for three days is hidden, and then forgotten") {
                seed in
                var (author, store) = prepared(seed)
                store.take([author.declare("a"), author.manifest()])
                let records = store.snapshot.filter { $0.author == author.id }
                let hours = { (count: Int) in author.now.advanced(by: .seconds(3600 * count)) }
                if store.shown(author.id, at: hours(73)) != [] { return "it is still shown" }
                _ = store.purge(at: hours(300))
                if store.shelf(of: author.id) == nil { return "it is forgotten too soon" }
                _ = store.purge(at: hours(72 + 337))
                if store.shelf(of: author.id) != nil { return "it is never forgotten" }
                store.take(records, at: hours(72 + 337))
                if store.shelf(of: author.id) != nil { return "it came back with an old lease" }
                author.now = hours(72 + 338)
                store.take(author.head(), at: author.now)
                return store.shelf(of: author.id) == nil ? "it cannot come back" : nil
            },
        ]
    }
}
