import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// Whole subtrees and named slots: who asks for them gets them, as much as it asked for.
struct PullingTests {
    private let spec = ServiceSpec(
        type: .clusterIP,
        ports: [ServicePort(port: 80)],
        addressRequest: .headless
    )

    /// A node with so many services, and a puppet that it knows.
    private func rich(
        _ count: Int,
        settings: NodeSettings = NodeSettings()
    ) -> Encounter {
        var encounter = Encounter(Seed(1), settings: settings)
        encounter.meet()
        let wishes = (0..<count).compactMap { ServiceName(namespace: "default", name: "s\($0)") }
            .map { Command.declare($0, spec, takeOwnership: false) }
        _ = encounter.command(.together(wishes))
        encounter.wait(.seconds(3))
        return encounter
    }

    private func pull(
        _ prefix: DigestTrie.Prefix,
        from place: UInt64 = 0,
        budget: UInt8 = 16
    ) -> Frame {
        .tree(
            TreeFrame(
                salt: 5,
                half: .data,
                budget: budget,
                parts: [.pull(prefix, from: place)]
            )
        )
    }

    /// What came, and where to ask on; `nil` where nothing said that it was all.
    private func outcome(_ frames: [Frame]) -> (places: [UInt64], next: UInt64?, isEnded: Bool) {
        var places: [UInt64] = []
        for case .repair(let bytes) in frames {
            if let record = try? Record(decoding: bytes) { places.append(record.key.trieKey) }
        }
        for case .tree(let tree) in frames where tree.salt == 5 {
            for case .pulled(_, let next) in tree.parts { return (places, next, true) }
        }
        return (places, nil, false)
    }

    @Test func `whoever pulls on where it is told to has everything in the end, once`() {
        var encounter = rich(300)
        var places: [UInt64] = []
        var next: UInt64? = 0
        var questions = 0
        while let start = next {
            let effects = encounter.hear([pull(.root, from: start)]) + encounter.wait(.seconds(1))
            let part = outcome(encounter.frames(effects))
            #expect(part.isEnded)
            #expect(effects.sent.count <= 40)
            places += part.places
            next = part.next
            questions += 1
        }
        #expect(questions > 1)
        let entries = encounter.node.registry.data.entries(under: .root)
        #expect(places == entries.map(\.key))
    }

    @Test func `a pull of nothing is answered, and one of a budget of nothing by one record`() {
        var encounter = rich(3)
        let empty = outcome(encounter.frames(encounter.hear([pull(.root, from: .max)])))
        #expect(empty.isEnded)
        #expect(empty.places.isEmpty)
        let one = outcome(encounter.frames(encounter.hear([pull(.root, budget: 0)])))
        #expect(one.places.count == 1)
        #expect(one.next != nil)
    }

    @Test func `who serves as many as it can says so to the next`() {
        var settings = NodeSettings()
        settings.reconcileGuests = 0
        var encounter = rich(3, settings: settings)
        let frames = encounter.frames(encounter.hear([pull(.root)]))
        let isBusy = frames.contains { if case .busy = $0 { true } else { false } }
        #expect(isBusy)
        #expect(!outcome(frames).isEnded)
    }

    @Test func `what a manifest names and nobody sent is asked for, and given to who asks`() {
        var encounter = rich(0)
        // Who agrees with somebody has joined.
        _ = encounter.hear([.digest(encounter.digest, wantsAnswer: false)])
        let time = encounter.time
        let record = encounter.puppet.record(.endpoints, slot: 0, .endpoints([]), at: time)
        var map = SlotMap()
        map.append(lit: true)
        let manifest = encounter.puppet.record(.manifest, slot: 0, .manifest(map), at: time)
        // The node knows of chunks what the HEAD says.
        let head = encounter.puppet.head(at: time) { $0.chunks = 1 }
        #expect(encounter.hear([.news(head.bytes), .news(manifest.bytes)]).refusals == [])
        let asked = encounter.frames(encounter.wait(.milliseconds(200)))
        let slot = Frame.Slot(
            author: encounter.puppet.id,
            incarnation: record.header.incarnation,
            slot: 0
        )
        #expect(asked.contains(.missing([slot])))
        #expect(encounter.hear([.repair(record.bytes)]).refusals == [])
        #expect(encounter.frames(encounter.hear([.missing([slot])])) == [.repair(record.bytes)])
    }

    // MARK: The other side

    @Test func `a newcomer pulls what is much more than it has, and goes on until it is told all`()
    {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        var rich = encounter.node.registry
        let time = encounter.time
        for slot in 0..<200 {
            let body = RecordBody.endpoints([])
            let record = encounter.puppet.record(.endpoints, slot: UInt32(slot), body, at: time)
            _ = rich.accept(record, at: time, check: .real)
        }
        let digest = StoreDigest(of: rich, at: time)
        let frames = encounter.frames(encounter.hear([.digest(digest, wantsAnswer: false)]))
        let questions = pulls(frames)
        #expect(questions.map(\.from) == [0])
        guard let first = questions.first else { return }
        let on = TreeFrame(
            salt: first.salt,
            half: .data,
            budget: 16,
            parts: [.pulled(first.prefix, next: 99)]
        )
        #expect(pulls(encounter.frames(encounter.hear([.tree(on)]))).map(\.from) == [99])
        // Nothing comes any more: it asks once again, and then lets it be.
        let silence = encounter.wait(.seconds(3))
        #expect(pulls(encounter.frames(silence)).prefix(1).map(\.from) == [99])
    }

    private func pulls(
        _ frames: [Frame]
    ) -> [(salt: UInt64, prefix: DigestTrie.Prefix, from: UInt64)] {
        var all: [(salt: UInt64, prefix: DigestTrie.Prefix, from: UInt64)] = []
        for case .tree(let tree) in frames {
            for case .pull(let prefix, let place) in tree.parts {
                all.append((tree.salt, prefix, place))
            }
        }
        return all
    }
}
