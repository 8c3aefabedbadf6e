import BenchWorld
import Registry
import Sodium
import Vocabulary

/// From one changed endpoint to a new view, while somebody keeps the view before.
func measureChanges(_ world: BenchWorld, from file: WorldFile) {
    var (store, _) = world.store(from: file)
    var index = ServiceIndex(of: store, at: BenchWorld.beginning) { _ in .working }
    var random = RandomStream(Seed(3), "changes")
    var accepting = Samples()
    var viewing = Samples()
    var all = Samples()
    for turn in 0..<1000 {
        let bytes = world.change(of: random.below(world.nodes), turn: turn).bytes
        let previous = index.view
        let start = threadTime()
        world.take(bytes, into: &store, check: .always)
        let between = threadTime()
        let changes = store.drainChanges()
        index.update(from: store, changes, judged: [], at: BenchWorld.beginning) { _ in .working }
        let view = index.view
        let end = threadTime()
        precondition(view?.digest != previous?.digest, "a changed endpoint changed no view")
        accepting.add(between - start)
        viewing.add(end - between)
        all.add(end - start)
    }
    for percentile in [50, 99] {
        Figure.atMost(
            "one endpoint change → new view, p\(percentile)",
            1000,
            "µs",
            is: all.microseconds(percentile: percentile),
            limit: percentile == 50
                ? "without the signature's check; arrays of all services and nodes are copied" : ""
        )
        .show()
    }
    Figure.told("  of it: decode and accept, p50", "µs", is: accepting.microseconds(percentile: 50))
        .show()
    Figure.told(
        "  of it: trie, index and view, p50",
        "µs",
        is: viewing.microseconds(percentile: 50)
    )
    .show()
}

/// One more entry in a trie that holds everything, its root known again.
func measureTrie(_ world: BenchWorld, from file: WorldFile) {
    let (store, _) = world.store(from: file)
    var trie = DigestTrie()
    for half in [StoreHalf.control, .data] {
        for entry in store.trie(half).entries(under: .root) { trie.insert(entry) }
    }
    trie.settle()
    let entries = trie.entries(under: .root)
    var random = RandomStream(Seed(5), "trie")
    var inserting = Samples()
    var removing = Samples()
    for _ in 0..<10_000 {
        let entry = entries[random.below(entries.count)]
        let start = threadTime()
        trie.remove(entry.key, hash: entry.hash)
        trie.settle()
        let between = threadTime()
        trie.insert(entry)
        trie.settle()
        let end = threadTime()
        removing.add(between - start)
        inserting.add(end - between)
    }
    for (title, samples) in [("insert", inserting), ("remove", removing)] {
        Figure.atMost(
            "trie of \(entries.count): \(title) and settle, p50",
            10,
            "µs",
            is: samples.microseconds(percentile: 50),
            limit: "p99 \(Int(samples.microseconds(percentile: 99))) µs; one hash a level"
        )
        .show()
    }
}
