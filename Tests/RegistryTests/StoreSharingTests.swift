import Testing
import Vocabulary

@testable import Registry

/// Stores of one process that hold in common what is equal: nobody may notice.
struct StoreSharingTests {
    @Test(arguments: Seed.sweep(20))
    func `stores that share hold what stores of their own hold, after every record`(seed: Seed) {
        let history = History(seed)
        let sharing = StoreSharing()
        var random = RandomStream(seed, "order")
        var shared = (0..<3).map { _ in
            RecordStore(anchor: history.realm.anchor, sharing: sharing)
        }
        var own = (0..<3).map { _ in history.realm.store() }
        for index in shared.indices {
            // Each takes them in another order, so that what they hold is equal now and then.
            for record in random.sample(history.signed.count, of: history.signed) {
                shared[index].take(record, at: history.end)
                own[index].take(record, at: history.end)
                if random.chance(1, in: 3) { shared[index].settle() }
                #expect(shared[index].roots == own[index].roots)
            }
        }
        for index in shared.indices {
            #expect(shared[index].snapshot.map(\.bytes) == own[index].snapshot.map(\.bytes))
        }
    }

    @Test func `what one of them takes later does not show in the others`() {
        let realm = Realm()
        let sharing = StoreSharing()
        var author = Author(1, in: realm)
        let first = [realm.clusterRecord(realm.settings()), author.head()]
        let later = [author.declare("web"), author.manifest(), author.head()]
        var stores = (0..<2).map { _ in RecordStore(anchor: realm.anchor, sharing: sharing) }
        for index in stores.indices {
            stores[index].take(first)
            stores[index].settle()
        }
        let before = stores[1].roots
        stores[0].take(later)
        stores[0].settle()
        #expect(stores[1].roots == before)
        #expect(stores[1].count == 2)
        stores[1].take(later)
        #expect(stores[1].roots == stores[0].roots)
    }
}
