import Registry
import Testing
import Vocabulary

/// What must hold of the store for every honest history (registry design, section 10).
struct StoreLawTests {
    /// A store that saw some of a history, in some order.
    private func replica(_ history: History, _ random: inout RandomStream) -> RecordStore {
        var store = history.realm.store()
        let part = history.signed.filter { _ in random.chance(3, in: 4) }
        store.take(random.shuffle(part), at: history.end)
        return store
    }

    /// What two stores know together.
    private func join(_ left: RecordStore, _ right: RecordStore, _ history: History) -> RecordStore
    {
        var store = history.realm.store()
        store.take(left.snapshot + right.snapshot, at: history.end)
        return store
    }

    @Test(arguments: Seed.sweep(60))
    func `any order, any repetition and any replay end in what the authors left alive`(seed: Seed) {
        let history = History(seed)
        var random = RandomStream(seed, "delivery")
        for _ in 0..<2 {
            var store = history.realm.store()
            let again = random.sample(history.signed.count, of: history.signed)
            store.take(random.shuffle(history.signed + again), at: history.end)
            let held = store.snapshot.sorted { $0.key < $1.key }
            #expect(held.map(\.bytes) == history.living.map(\.bytes))
        }
    }

    @Test(arguments: Seed.sweep(40))
    func `the census is what a count of all records is`(seed: Seed) {
        let history = History(seed)
        var random = RandomStream(seed, "census")
        var store = replica(history, &random)
        store.take(random.shuffle(history.signed), at: history.end)
        for kind in RecordKind.allCases {
            let held = store.snapshot.count { $0.header.kind == kind }
            #expect(store.census[kind] == held, "\(kind)")
        }
    }

    @Test(arguments: Seed.sweep(40))
    func `deleted stays deleted whatever is replayed`(seed: Seed) {
        let history = History(seed)
        var random = RandomStream(seed, "replay")
        var store = history.realm.store()
        store.take(history.signed, at: history.end)
        let (roots, generation) = (store.roots, store.generation)
        store.take(random.shuffle(history.signed), at: history.end)
        #expect(store.roots == roots)
        #expect(store.generation == generation, "a replay changed the store")
    }

    @Test(arguments: Seed.sweep(40))
    func `the join is commutative, associative and idempotent`(seed: Seed) {
        let history = History(seed)
        var random = RandomStream(seed, "replicas")
        let a = replica(history, &random)
        let b = replica(history, &random)
        let c = replica(history, &random)
        let ab = join(a, b, history)
        #expect(ab.snapshot == join(b, a, history).snapshot)
        #expect(
            join(ab, c, history).snapshot == join(a, join(b, c, history), history).snapshot
        )
        #expect(join(a, a, history).snapshot == a.snapshot)
        #expect(join(ab, b, history).snapshot == ab.snapshot)
    }

    @Test(arguments: Seed.sweep(40))
    func `digests are equal exactly when stores are`(seed: Seed) {
        let history = History(seed)
        var random = RandomStream(seed, "digests")
        var stores = (0..<4).map { _ in replica(history, &random) }
        stores.append(join(stores[0], stores[1], history))
        stores.append(join(stores[1], stores[0], history))
        for (index, left) in stores.enumerated() {
            for right in stores[index...] {
                #expect((left.roots == right.roots) == (left.snapshot == right.snapshot))
            }
        }
    }

    @Test(arguments: Seed.sweep(40))
    func `what is drained keeps a disk equal to the store`(seed: Seed) {
        let history = History(seed)
        var random = RandomStream(seed, "disk")
        var store = history.realm.store()
        var disk: [RecordKey: Record] = [:]
        for record in random.shuffle(history.signed) {
            store.take(record, at: history.end)
            guard random.chance(1, in: 5) else { continue }
            let before = disk
            let changes = store.drainChanges().recordKeys
            for key in changes { disk[key] = store[key] }
            #expect(disk.keys.sorted().compactMap { disk[$0] } == byKey(store))
            // Named once each, and nothing else is named than what came or went meanwhile.
            #expect(changes == changes.sorted() && Set(changes).count == changes.count)
            for key in changes where before[key] == disk[key] { #expect(before[key] == nil) }
        }
        _ = store.drainChanges()
        #expect(store.drainChanges().isEmpty)
    }

    private func byKey(_ store: RecordStore) -> [Record] {
        store.snapshot.sorted { $0.key < $1.key }
    }

    @Test(arguments: Seed.sweep(30))
    func `a store is small: no dead record is left in it`(seed: Seed) {
        let history = History(seed)
        var random = RandomStream(seed, "size")
        var store = history.realm.store()
        store.take(random.shuffle(history.signed), at: history.end)
        #expect(store.count == history.living.count)
        for author in store.authors {
            let slots = store.records(of: author).map(\.header.slot)
            #expect(slots == slots.sorted())
            #expect(slots == store.shelf(of: author)?.slots)
        }
    }
}
