import Registry
import Vocabulary

/// What a few honest authors signed in some days, and what of it lives at the end.
struct History {
    let realm: Realm
    /// Everything that was ever signed, CLUSTER first, each author's in the order of signing.
    private(set) var signed: [Record]
    /// What a store must hold at the end, sorted by key.
    private(set) var living: [Record]
    /// When the last of it was signed.
    let end: WallTime

    init(_ seed: Seed, authors: Int = 3, steps: Int = 18) {
        let realm = Realm()
        self.realm = realm
        var random = RandomStream(seed, "history")
        let epochs = (1...UInt32(1 + random.below(3))).map { realm.settings(epoch: $0) }
        signed = epochs.map { realm.clusterRecord($0) }
        living = [signed[signed.count - 1]]
        var latest = Realm.beginning
        for number in 1...authors {
            var life = Life(Author(number, in: realm))
            for _ in 0..<steps { life.step(&random) }
            signed += life.author.signed
            living += life.living
            latest = max(latest, life.author.now)
        }
        living.sort { $0.key < $1.key }
        end = latest
    }

    /// One author's doings, and which of its records live.
    private struct Life {
        var author: Author
        private var head: Record
        private var manifest: Record?
        private var items: [(record: Record, name: String)] = []
        private var named = 0

        init(_ author: Author) {
            self.author = author
            head = self.author.head()
        }

        var living: [Record] {
            [head] + (manifest.map { [$0] } ?? []) + items.map(\.record)
        }

        mutating func step(_ random: inout RandomStream) {
            author.now = author.now.advanced(by: .seconds(random.below(7200)))
            switch random.below(10) {
            case 0...3: create(&random)
            case 4, 5: update(&random)
            case 6, 7: delete(&random)
            case 8: head = author.head()
            default: random.chance(1, in: 2) ? (manifest = author.manifest()) : restart()
            }
        }

        private mutating func create(_ random: inout RandomStream) {
            named += 1
            let name = "s\(author.number)-\(named)"
            let record = random.chance(1, in: 2) ? author.declare(name) : author.offer(name)
            items.append((record, name))
        }

        private mutating func update(_ random: inout RandomStream) {
            guard !items.isEmpty else { return }
            let place = random.below(items.count)
            items[place].record = write(items[place], slot: items[place].record.header.slot)
        }

        private mutating func delete(_ random: inout RandomStream) {
            guard !items.isEmpty else { return }
            let item = items.remove(at: random.below(items.count))
            _ = author.ledger.close(item.record.header.slot)
            manifest = author.manifest()
        }

        /// Everything anew in slots of the new incarnation, the HEAD last.
        private mutating func restart() {
            author.restart()
            for place in items.indices { items[place].record = write(items[place], slot: nil) }
            manifest = author.manifest()
            head = author.head()
        }

        private mutating func write(_ item: (record: Record, name: String), slot: UInt32?) -> Record
        {
            switch item.record.header.kind {
            case .declaration: author.declare(item.name, slot: slot)
            default: author.offer(item.name, slot: slot)
            }
        }
    }
}
