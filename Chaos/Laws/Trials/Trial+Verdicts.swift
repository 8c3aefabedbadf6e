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
            Trial(.evidence, "what was said for good and taken back is a proof everywhere") {
                seed in
                var undoing = Undoing(seed)
                for _ in 0..<3 { undoing.exchange() }
                let (first, stores) = (undoing.stores[0].allBytes, undoing.stores)
                guard stores.allSatisfy({ $0.allBytes == first }) else { return "they differ" }
                guard undoing.isSeen else { return nil }
                for store in stores where !store.voids(undoing.author.id, undoing.incarnation) {
                    return "a store saw it, and yet it is believed"
                }
                return nil
            },
            Trial(.deletion, "a bit that is lit again brings nothing back where it was out") {
                seed in
                let undoing = Undoing(seed)
                var store = undoing.stores[0]
                var random = RandomStream(seed, "again")
                let slot = undoing.wish.header.slot
                store.take([undoing.wish] + undoing.manifests)
                for record in random.shuffle(undoing.manifests + [undoing.wish]) {
                    store.take(record)
                    if store.shown(undoing.author.id).contains(slot) { return "it came back" }
                }
                return nil
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

/// An author that lights a bit again, and stores each of which saw some of its manifests.
private struct Undoing {
    private(set) var author: Scribe
    private(set) var stores: [RecordStore]
    /// What is in the slot that is lit, put out and lit again.
    let wish: Record
    private(set) var manifests: [Record] = []
    /// Whether a store saw two manifests that contradict each other.
    private(set) var isSeen = false

    init(_ seed: Seed) {
        var random = RandomStream(seed, "undoing")
        var (author, store) = Trial.prepared(seed)
        wish = author.declare("again")
        let count = 1 + random.below(600)
        for isLit in [true, false, true] {
            var slots = SlotMap()
            for slot in 0..<count + manifests.count {
                slots.append(lit: slot == Int(wish.header.slot) ? isLit : true)
            }
            manifests.append(author.write(.manifest, slot: 0, .manifest(slots)))
        }
        self.author = author
        stores = [store, store, store]
        for index in stores.indices {
            let seen = random.sample(1 + random.below(3), of: manifests)
            stores[index].take(random.shuffle(seen + [wish]))
            let places = seen.compactMap { manifests.firstIndex(of: $0) }
            if places.contains(1), places.contains(2) { isSeen = true }
        }
    }

    var incarnation: UInt64 { author.pen.incarnation }

    /// Each store is told all that the others hold.
    mutating func exchange() {
        let held = stores.map(\.snapshot)
        for index in stores.indices {
            for other in held.indices where other != index { stores[index].take(held[other]) }
        }
    }
}
