import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A node that finds a greater self, or words of its own that it never said, starts over, and
/// signs nothing before the new incarnation is on disk.
struct IncarnationTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    /// Another machine that has a copy of the node's disk, and its key.
    private func twin(_ encounter: Encounter) -> Puppet {
        Puppet(encounter.authority, machine: 0)
    }

    private func met() -> Encounter {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        _ = encounter.command(.declare(name, spec, takeOwnership: false))
        encounter.wait(.seconds(1))
        return encounter
    }

    /// The incarnations under which the node signed what it sent to the puppet.
    private func signed(_ encounter: Encounter, _ effects: [Effect]) -> Set<UInt64> {
        var found: Set<UInt64> = []
        for frame in encounter.frames(effects) {
            switch frame {
            case .news(let bytes), .repair(let bytes):
                guard let record = try? Record(decoding: bytes),
                    record.author == encounter.node.id
                else { continue }
                found.insert(record.header.incarnation)
            default: continue
            }
        }
        return found
    }

    private func expectANewStart(_ encounter: inout Encounter, after effects: [Effect]) throws {
        #expect(effects.surpassed)
        let incarnation = try #require(effects.secured.first)
        #expect(effects.secured.count == 1)

        // Until it is on disk: not a word, whatever happens.
        let probe = encounter.hear([.want([1])])
        let refused = encounter.command(.declare(name, spec, takeOwnership: false))
        let silence = effects + probe + refused.effects + encounter.wait(.seconds(3))
        #expect(silence.sent.isEmpty)
        #expect(refused.outcome == .refused(.notReady))

        // A confirmation of another one is not meant for us.
        #expect(encounter.tell(.secured(incarnation - 1)).sent.isEmpty)

        let speech = encounter.tell(.secured(incarnation))
        #expect(signed(encounter, speech + encounter.wait(.seconds(1))) == [incarnation])
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.map(\.name) == [name])
    }

    @Test
    func `a copy of the disk that signs under the same incarnation`() throws {
        var encounter = met()
        var twin = twin(encounter)
        let incarnation = Pen.incarnation(after: 0, at: Authority.beginning, chance: 0)
        twin.pen = Pen(
            key: twin.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: incarnation
        )
        twin.pen.skip(past: 50)
        let record = twin.record(.endpoints, slot: 30, .endpoints([]), at: encounter.time)
        let effects = encounter.hear([.news(record.bytes)])
        try expectANewStart(&encounter, after: effects)
        #expect((encounter.publication?.records ?? 0) > 0)
    }

    @Test
    func `a HEAD of this node under a greater incarnation`() throws {
        var encounter = met()
        var twin = twin(encounter)
        twin.pen = Pen(
            key: twin.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: Pen.incarnation(after: 0, at: encounter.time, chance: 77)
        )
        let head = twin.head(at: encounter.time)
        let effects = encounter.hear([.repair(head.bytes)])
        try expectANewStart(&encounter, after: effects)
    }

    @Test
    func `a record of this node under a greater incarnation, whose HEAD nobody has`() throws {
        var encounter = met()
        var twin = twin(encounter)
        twin.pen = Pen(
            key: twin.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: Pen.incarnation(after: 0, at: encounter.time, chance: 77)
        )
        let record = twin.record(.endpoints, slot: 0, .endpoints([]), at: encounter.time)
        let effects = encounter.hear([.news(record.bytes)])
        try expectANewStart(&encounter, after: effects)
    }

    @Test
    func `records in this node's name that it did not sign change nothing`() {
        var encounter = met()
        let header = RecordHeader(
            kind: .endpoints,
            author: encounter.node.id,
            incarnation: Pen.incarnation(after: 0, at: encounter.time, chance: 99),
            sequence: 1,
            slot: 0,
            time: HybridTime(encounter.time)
        )
        let forged = encounter.puppet.record(header, body: [0])
        let effects = encounter.hear([.news(forged)])
        #expect(!effects.surpassed)
        #expect(effects.secured.isEmpty)
    }

    @Test
    func `a start from years ahead is not surpassed, for nobody would believe its successor`() {
        var encounter = met()
        var twin = twin(encounter)
        let bomb = UInt64.max - 5
        twin.pen = Pen(
            key: twin.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: bomb
        )
        let head = twin.head(at: encounter.time)
        let record = twin.record(.endpoints, slot: 0, .endpoints([]), at: encounter.time)
        for bytes in [head.bytes, record.bytes] {
            let effects = encounter.hear([.news(bytes)])
            #expect(!effects.surpassed)
            #expect(effects.secured.isEmpty)
        }
    }

    @Test
    func `our own records that come back are known`() {
        var encounter = met()
        let mine = encounter.frames(encounter.hear([.want([])]) + encounter.wait(.seconds(2)))
        for case .news(let bytes) in mine {
            #expect(!encounter.hear([.repair(bytes)]).surpassed)
        }
    }
}
