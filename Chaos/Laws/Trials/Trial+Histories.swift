import Registry
import Simulation
import Vocabulary

/// Lives of honest authors, told to stores in any order.
extension Trial {
    static var historyTrials: [Trial] {
        [
            Trial(.delivery, "any order and any repetition end in what the authors left") { seed in
                let lives = Lives(seed)
                var random = RandomStream(seed, "order")
                for _ in 0..<2 {
                    var store = lives.store
                    let again = random.sample(lives.signed.count, of: lives.signed)
                    store.take(random.shuffle(lives.signed + again), at: lives.end)
                    // Once more in the order of signing, as a digest that differs would bring it.
                    store.take(lives.signed, at: lives.end)
                    guard Set(store.allBytes) == Set(lives.living.map(\.bytes)) else {
                        return "\(store.count) records are held, \(lives.living.count) live"
                    }
                }
                return nil
            },
            Trial(.deletion, "what died does not come back by a replay") { seed in
                let lives = Lives(seed)
                var random = RandomStream(seed, "replay")
                var store = lives.store
                store.take(lives.signed, at: lives.end)
                let before = store.allBytes
                store.take(random.shuffle(lives.signed), at: lives.end)
                return store.allBytes == before ? nil : "a replay changed the store"
            },
            Trial(.join, "the join is commutative, associative and idempotent") { seed in
                let lives = Lives(seed)
                var random = RandomStream(seed, "parts")
                let (a, b, c) = (
                    lives.part(&random), lives.part(&random), lives.part(&random)
                )
                let ab = lives.join(a, b)
                guard ab.allBytes == lives.join(b, a).allBytes else { return "a ∨ b ≠ b ∨ a" }
                guard lives.join(ab, c).allBytes == lives.join(a, lives.join(b, c)).allBytes else {
                    return "(a ∨ b) ∨ c ≠ a ∨ (b ∨ c)"
                }
                return lives.join(a, a).allBytes == a.allBytes ? nil : "a ∨ a ≠ a"
            },
            Trial(.digests, "digests are equal exactly when stores are") { seed in
                let lives = Lives(seed)
                var random = RandomStream(seed, "digests")
                let stores = (0..<5).map { _ in lives.part(&random) }
                for (index, left) in stores.enumerated() {
                    for right in stores[index...] {
                        let isEqual = left.allBytes == right.allBytes
                        if (left.roots == right.roots) != isEqual {
                            return isEqual ? "equal stores differ" : "other stores seem equal"
                        }
                    }
                }
                return nil
            },
            Trial(.bytes, "a record that is read is the bytes that were signed") { seed in
                for record in Lives(seed).signed {
                    guard let read = try? Record(decoding: record.bytes) else {
                        return "what was signed cannot be read"
                    }
                    guard read.bytes == record.bytes, read.hash == record.hash,
                        read.body.encoded == record.body.encoded
                    else { return "what is read is not what was signed" }
                }
                return nil
            },
        ]
    }
}

/// What a few honest authors signed in some hours, and what of it lives at the end.
private struct Lives {
    let store: RecordStore
    private(set) var signed: [Record]
    private(set) var living: [Record]
    private(set) var end = Authority.beginning

    init(_ seed: Seed) {
        let authority = Authority(seed)
        var random = RandomStream(seed, "lives")
        store = RecordStore(anchor: authority.anchor)
        signed = [authority.cluster]
        living = [authority.cluster]
        for number in 0..<2 + random.below(2) {
            var life = Life(Scribe(authority, number))
            for _ in 0..<10 + random.below(10) { life.step(&random) }
            signed += life.author.signed
            living += life.living
            end = max(end, life.author.now)
        }
    }

    func part(_ random: inout RandomStream) -> RecordStore {
        var part = store
        let some = signed.filter { _ in random.chance(3, in: 4) }
        part.take(random.shuffle(some), at: end)
        return part
    }

    func join(_ left: RecordStore, _ right: RecordStore) -> RecordStore {
        var joined = store
        joined.take(left.snapshot + right.snapshot, at: end)
        return joined
    }

    private struct Life {
        var author: Scribe
        private var head: Record
        private var manifest: Record?
        private var items: [(record: Record, name: String)] = []
        private var named = 0

        init(_ author: Scribe) {
            self.author = author
            head = self.author.head()
        }

        var living: [Record] {
            [head] + (manifest.map { [$0] } ?? []) + items.map(\.record)
        }

        mutating func step(_ random: inout RandomStream) {
            author.now = author.now.advanced(by: .seconds(random.below(3600)))
            switch random.below(10) {
            case 0...3:
                named += 1
                let name = "s\(author.number)-\(named)"
                let record = random.chance(1, in: 2) ? author.declare(name) : author.offer(name)
                items.append((record, name))
            case 4, 5:
                guard !items.isEmpty else { return }
                let place = random.below(items.count)
                write(place, slot: items[place].record.header.slot)
            case 6, 7:
                guard !items.isEmpty else { return }
                let item = items.remove(at: random.below(items.count))
                _ = author.ledger.close(item.record.header.slot)
                manifest = author.manifest()
            case 8: head = author.head()
            default:
                author.restart()
                for place in items.indices { write(place, slot: nil) }
                manifest = author.manifest()
                head = author.head()
            }
        }

        private mutating func write(_ place: Int, slot: UInt32?) {
            let item = items[place]
            items[place].record =
                item.record.header.kind == .declaration
                ? author.declare(item.name, slot: slot) : author.offer(item.name, slot: slot)
        }
    }
}
