import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// What a node passes on, and when; what it asks for, and what it sends to whoever asks.
struct SpreadingTests {
    private let spec = ServiceSpec(
        type: .clusterIP,
        ports: [ServicePort(port: 80)],
        addressRequest: .headless
    )

    private func met(_ settings: NodeSettings = NodeSettings()) -> Encounter {
        var encounter = Encounter(Seed(1), settings: settings)
        encounter.meet()
        // The puppet answers no probe, so that it is suspect before long.
        encounter.wait(.milliseconds(100))
        return encounter
    }

    private func declare(_ count: Int, _ encounter: inout Encounter) -> [Effect] {
        let wishes = (0..<count).compactMap { ServiceName(namespace: "default", name: "s\($0)") }
            .map { Command.declare($0, spec, takeOwnership: false) }
        return encounter.command(.together(wishes)).effects
    }

    private func news(_ frames: [Frame]) -> Int {
        frames.count { if case .news = $0 { true } else { false } }
    }

    private func items(_ frames: [Frame]) -> [TreeFrame.Item] {
        frames.flatMap { frame -> [TreeFrame.Item] in
            if case .have(let items) = frame { items } else { [] }
        }
    }

    private func wanted(_ frames: [Frame]) -> [UInt64] {
        frames.flatMap { frame -> [UInt64] in
            if case .want(let places) = frame { places } else { [] }
        }
    }

    private func repairs(_ frames: [Frame]) -> Int {
        frames.count { if case .repair = $0 { true } else { false } }
    }

    /// A record of the puppet that the node has not seen, and how HAVE shows it.
    private func unseen(_ encounter: inout Encounter) -> (Record, TreeFrame.Item) {
        let body = RecordBody.endpoints([])
        let time = encounter.time
        let record = encounter.puppet.record(.endpoints, slot: 9, body, at: time)
        return (record, TreeFrame.Item(of: record, at: record.key.trieKey))
    }

    @Test func `what is new leaves at once, what follows within five milliseconds waits for them`()
    {
        var encounter = met()
        #expect(news(encounter.frames(declare(1, &encounter))) == 1)
        encounter.wait(.milliseconds(1))
        #expect(news(encounter.frames(declare(3, &encounter))) == 0)
        #expect(news(encounter.frames(encounter.wait(.milliseconds(3)))) == 0)
        #expect(news(encounter.frames(encounter.wait(.milliseconds(1)))) == 2)
    }

    @Test func `an id follows its record after 25 ms, and who has it asks for nothing`() {
        var encounter = met()
        _ = declare(1, &encounter)
        #expect(items(encounter.frames(encounter.wait(.milliseconds(24)))).isEmpty)
        let told = items(encounter.frames(encounter.wait(.milliseconds(1))))
        #expect(told.count == 1)
        #expect(encounter.frames(encounter.hear([.have(told)])).isEmpty)
    }

    @Test func `who lacks what somebody has asks for it, once`() {
        var encounter = met()
        let (record, item) = unseen(&encounter)
        #expect(wanted(encounter.frames(encounter.hear([.have([item])]))) == [item.key])
        #expect(wanted(encounter.frames(encounter.hear([.have([item])]))).isEmpty)
        #expect(encounter.hear([.repair(record.bytes)]).refusals == [])
        #expect(wanted(encounter.frames(encounter.hear([.have([item])]))).isEmpty)
        #expect(wanted(encounter.frames(encounter.wait(.milliseconds(400)))).isEmpty)
    }

    @Test func `an older version than ours is not asked for`() {
        var encounter = met()
        let (_, older) = unseen(&encounter)
        let (later, _) = unseen(&encounter)
        _ = encounter.hear([.news(later.bytes)])
        #expect(wanted(encounter.frames(encounter.hear([.have([older])]))).isEmpty)
    }

    @Test func `what was asked for and does not come is asked for again, and then no more`() {
        var encounter = met()
        let (_, item) = unseen(&encounter)
        _ = encounter.hear([.have([item])])
        let later = encounter.wait(.seconds(5))
        #expect(wanted(encounter.frames(later)) == [item.key, item.key, item.key])
        #expect(encounter.node.queueLengths.wants == 0)
    }

    @Test func `many new things are told by their ids, and our own are pushed all the same`() {
        var encounter = met()
        let time = encounter.time
        let records = (0..<100).map { slot in
            encounter.puppet.record(.endpoints, slot: UInt32(slot), .endpoints([]), at: time)
        }
        for record in records { #expect(encounter.hear([.news(record.bytes)]).refusals == []) }
        let own = encounter.frames(declare(100, &encounter) + encounter.wait(.milliseconds(100)))
        #expect(news(own) == 100)
        #expect(encounter.node.queueLengths.news == 0)
    }

    @Test func `whoever asks for much gets it at a pace, and an answer to its probe at once`() {
        var encounter = met()
        _ = declare(400, &encounter)
        encounter.wait(.seconds(3))
        let places = encounter.node.registry.records(of: encounter.node.id).map(\.key.trieKey)
        let questions = stride(from: 0, to: places.count, by: Frame.maximumWantedKeys).map {
            Frame.want(Array(places[$0...].prefix(Frame.maximumWantedKeys)))
        }
        var effects: [Effect] = []
        for question in questions { effects += encounter.hear([question]) }
        #expect(effects.sent.count == 16)
        let inquiry = encounter.hear([.digest(encounter.digest, wantsAnswer: true)])
        let isAnswered = encounter.frames(inquiry).contains { frame in
            if case .digest = frame { true } else { false }
        }
        #expect(isAnswered)
        effects += inquiry + encounter.wait(.seconds(1))
        #expect(repairs(encounter.frames(effects)) == places.count)
        let longest = effects.sent.map(\.bytes.count).max() ?? 0
        #expect(longest <= Datagram.maximumLength)
        #expect(encounter.node.queueLengths.frames == 0)
    }
}

extension Encounter {
    /// Where the node's store stands.
    var digest: StoreDigest { StoreDigest(of: node.registry, at: time) }
}
