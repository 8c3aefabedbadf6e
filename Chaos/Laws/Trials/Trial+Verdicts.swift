import Registry
import Simulation
import Vocabulary

/// What speaks against authors, and what comes of it.
extension Trial {
    static var verdictTrials: [Trial] {
        [
            Trial(.evidence, "two halves of a lie that meet are a proof everywhere") { seed in
                var lie = Lie(seed)
                lie.exchange()
                for store in lie.stores where !store.voids(lie.liar, lie.incarnation) {
                    return "a store that holds both halves believes them"
                }
                return nil
            },
            Trial(.evidence, "stores that saw other halves of one lie end equal") { seed in
                var lie = Lie(seed)
                lie.exchange()
                lie.exchange()
                return lie.stores[0].allBytes == lie.stores[1].allBytes ? nil : "they differ"
            },
            Trial(.conviction, "nothing of a start that lied is seen or taken") { seed in
                var lie = Lie(seed)
                lie.exchange()
                for store in lie.stores {
                    var store = store
                    let isTaken = lie.all.contains { store.take($0) }
                    if isTaken || !store.shown(lie.liar).isEmpty { return "it is still there" }
                }
                return nil
            },
            Trial(.conviction, "an honest author begins anew after a proof") { seed in
                var lie = Lie(seed)
                lie.exchange()
                var author = lie.author
                author.restart()
                let records = [author.declare("again"), author.manifest(), author.head()]
                for store in lie.stores {
                    var store = store
                    store.take(records.reversed())
                    if store.shown(lie.liar) != [0] { return "its new start is not seen" }
                }
                return nil
            },
            Trial(.authority, "who was revoked is gone everywhere, in any order") { seed in
                var (author, store) = prepared(seed)
                var random = RandomStream(seed, "revocation")
                let records = author.signed + [author.declare("web"), author.manifest()]
                let revocation = author.authority.revocation(of: 0, at: author.now)
                store.take(random.shuffle(records + [revocation]))
                store.take(records)
                guard store[revocation.key] != nil else { return "the revocation is not held" }
                return store.shelf(of: author.id) == nil ? nil : "it is still there"
            },
        ]
    }
}

/// An author that signed up to three different records under one number, and two stores of which
/// each saw some of them.
private struct Lie {
    private(set) var author: Scribe
    private(set) var stores: [RecordStore]
    private(set) var all: [Record]

    init(_ seed: Seed) {
        var random = RandomStream(seed, "lie")
        let (author, store) = Trial.prepared(seed)
        let variants = (0..<3).map { number -> Record in
            var copy = author
            return copy.declare("s\(number)", slot: UInt32(random.below(2)))
        }
        self.author = author
        all = author.signed + variants
        stores = [store, store]
        stores[0].take(random.shuffle([variants[0], variants[1]]))
        stores[1].take(random.shuffle([variants[1], variants[2]]))
    }

    var liar: NodeID { author.id }
    var incarnation: UInt64 { author.pen.incarnation }

    /// Each store is told all that the other holds.
    mutating func exchange() {
        let held = stores.map(\.snapshot)
        stores[0].take(held[1])
        stores[1].take(held[0])
    }
}
