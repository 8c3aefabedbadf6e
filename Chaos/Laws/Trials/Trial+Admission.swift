import Registry
import Simulation
import Sodium
import Vocabulary

/// What no store takes, whoever sends it.
extension Trial {
    static var admissionTrials: [Trial] {
        [
            Trial(.signatures, "what another key signed is not taken") { seed in
                var (author, store) = prepared(seed)
                let record = author.declare("web")
                var forged = record.bytes
                forged[forged.count - 1 - Int(seed.value % 64)] ^= 1
                guard let other = try? Record(decoding: forged) else { return "it is no record" }
                return store.take(other) ? "a forged record is held" : nil
            },
            Trial(.admission, "a certificate that no root signed is worth nothing") { seed in
                let authority = Authority(seed)
                let stranger = Authority(Seed(seed.value &+ 1))
                var author = Scribe(authority, 0)
                author.certificate = stranger.certificate(of: 0) {
                    $0.cluster = authority.anchor.cluster
                    $0.key = authority.key(of: 0).verifyingKey
                }
                var store = RecordStore(anchor: authority.anchor)
                return store.take(author.head()) ? "a stranger is a member" : nil
            },
            Trial(.admission, "nobody declares outside its namespaces") { seed in
                var (author, store) = prepared(seed) { $0.namespaces = ["default"] }
                return store.take(author.declare("web", in: "other")) ? "it is held" : nil
            },
            Trial(.containment, "nobody offers outside its ranges") { seed in
                var (author, store) = prepared(seed)
                let address = IPAddress.v4(0x6441_0000 + UInt32(seed.value % 256))
                return store.take(author.offer("web", at: address)) ? "it is held" : nil
            },
            Trial(.clocks, "what lies more than an hour ahead is not taken") { seed in
                var (author, store) = prepared(seed)
                author.now = author.now.advanced(by: .seconds(3700 + Int(seed.value % 1000)))
                return store.take(author.declare("web")) ? "it is held" : nil
            },
            Trial(.clocks, "a start that lies more than a day ahead is not believed") { seed in
                var author = Scribe(Authority(seed), 0)
                let later = author.now.advanced(by: .seconds(90_000))
                author.pen = Pen(
                    key: author.authority.key(of: 0),
                    cluster: author.authority.anchor.cluster,
                    incarnation: Pen.incarnation(after: 0, at: later, chance: 1)
                )
                var store = RecordStore(anchor: author.authority.anchor)
                return store.take(author.head()) ? "it is held" : nil
            },
            Trial(.purge, "nobody promises to be remembered for longer than the rest") { seed in
                var author = Scribe(Authority(seed), 0)
                var store = RecordStore(anchor: author.authority.anchor)
                let head = author.head { $0.leaseEnd += 2 + UInt32(seed.value % 5000) }
                return store.take(head) ? "it is held" : nil
            },
            Trial(.quota, "nobody keeps more alive than its certificate allows") { seed in
                var (author, store) = prepared(seed) { $0.maximumRecords = 3 }
                var random = RandomStream(seed, "quota")
                let records = (0..<6).map { author.declare("s\($0)") }
                store.take(random.shuffle(records))
                let held = store.shown(author.id)
                return held == [0, 1, 2] ? nil : "slots \(held) are held"
            },
        ]
    }

    /// An author whose HEAD a store holds.
    static func prepared(
        _ seed: Seed,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) -> (Scribe, RecordStore) {
        var author = Scribe(Authority(seed), 0, change: change)
        var store = RecordStore(anchor: author.authority.anchor)
        store.take(author.authority.cluster)
        store.take(author.head())
        return (author, store)
    }
}
