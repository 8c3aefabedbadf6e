import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// HEADs that were signed again are told by what is new in them.
struct RenewalTests {
    private func met() -> Encounter {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.milliseconds(100))
        return encounter
    }

    private func renewal(_ head: Record, isNews: Bool = true) throws -> Frame {
        .renewal(try #require(RenewedHead(head, isNews: isNews)))
    }

    private func later(_ encounter: inout Encounter) -> Record {
        encounter.puppet.head(at: encounter.time.advanced(by: .seconds(3600))) { $0.leaseEnd += 1 }
    }

    private func held(_ encounter: Encounter) -> [UInt8]? {
        encounter.node.registry.shelf(of: encounter.puppet.id)?.head.bytes
    }

    @Test func `a renewal makes the later HEAD of the one that is here, byte for byte`() throws {
        var encounter = met()
        let head = later(&encounter)
        #expect(encounter.hear([try renewal(head)]).refusals == [])
        #expect(held(encounter) == head.bytes)
    }

    @Test func `what was changed more than a renewal tells is asked for as a whole`() throws {
        var encounter = met()
        let time = encounter.time
        _ = encounter.puppet.head(at: time) { $0.chunks = 2 }
        let head = encounter.puppet.head(at: time) { $0.chunks = 2 }
        let place = head.key.trieKey
        #expect(encounter.frames(encounter.hear([try renewal(head)])).contains(.want([place])))
        _ = encounter.hear([.repair(head.bytes)])
        #expect(held(encounter) == head.bytes)
        let next = encounter.puppet.head(at: time) { $0.chunks = 2 }
        let item = TreeFrame.Item(of: next, at: place)
        #expect(encounter.frames(encounter.hear([.have([item])])).contains(.wantRenewals([place])))
    }

    @Test func `a HEAD that counts from the start again is asked for as a whole`() {
        var encounter = met()
        let time = encounter.time
        encounter.puppet.pen = Pen(
            key: encounter.puppet.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: encounter.puppet.pen.incarnation + 1
        )
        let head = encounter.puppet.head(at: time)
        let item = TreeFrame.Item(of: head, at: head.key.trieKey)
        #expect(encounter.frames(encounter.hear([.have([item])])).contains(.want([item.key])))
    }

    @Test func `a renewal that its author did not sign is refused`() throws {
        var encounter = met()
        var bytes = later(&encounter).bytes
        bytes[bytes.count - 1] ^= 1
        let before = held(encounter)
        let forged = try Record(decoding: bytes)
        #expect(encounter.hear([try renewal(forged)]).refusals == ["signature"])
        #expect(held(encounter) == before)
    }

    @Test func `whoever has an earlier HEAD gets what is new in the one that is here`() throws {
        var encounter = met()
        let head = try #require(encounter.node.registry.shelf(of: encounter.node.id)?.head)
        let answer = encounter.frames(encounter.hear([.wantRenewals([head.key.trieKey])]))
        #expect(answer.contains(try renewal(head, isNews: false)))
    }

    // MARK: Digests

    private let number = ProbeNumber(raw: 7)

    private func elsewhere(_ encounter: Encounter) -> StoreDigest {
        StoreDigest(of: RecordStore(anchor: encounter.authority.anchor), at: encounter.time)
    }

    @Test func `an answer repeats no digest that equals the asker's`() {
        var encounter = met()
        let mine = encounter.digest
        let same = encounter.frames(encounter.hear([.probe(number, mine)]))
        #expect(same.contains(.acknowledgement(number, nil)))
        let other = encounter.frames(encounter.hear([.probe(number, elsewhere(encounter))]))
        #expect(other.contains(.acknowledgement(number, mine)))
    }

    @Test func `an answer without a digest agrees with what its probe said`() throws {
        var encounter = met()
        var probes: [ProbeNumber] = []
        for case .probe(let number, _) in encounter.frames(encounter.wait(.milliseconds(1200))) {
            probes.append(number)
        }
        let last = try #require(probes.last)
        #expect(encounter.publication?.phase == .joining)
        _ = encounter.hear([.acknowledgement(last, nil)])
        encounter.wait(.milliseconds(100))
        // Who agrees with somebody has joined.
        #expect(encounter.publication?.phase == .working)
    }

    @Test func `whose store differs is told what came of late, unless that was much`() throws {
        var encounter = met()
        let time = encounter.time
        func page(_ slot: UInt32) -> Record {
            encounter.puppet.record(.endpoints, slot: slot, .endpoints([]), at: time)
        }
        func told() -> [UInt64] {
            let frames = encounter.frames(encounter.hear([.probe(number, elsewhere(encounter))]))
            return frames.flatMap { frame -> [UInt64] in
                if case .have(let items) = frame { items.map(\.key) } else { [] }
            }
        }
        _ = encounter.hear([.digest(encounter.digest, wantsAnswer: false)])
        encounter.wait(.seconds(4))
        let record = page(0)
        _ = encounter.hear([.news(record.bytes)])
        #expect(!told().contains(record.key.trieKey), "it may be on its way")
        encounter.wait(.milliseconds(100))
        #expect(told().contains(record.key.trieKey))
        for slot in 1..<UInt32(20) {
            let next = page(slot)
            _ = encounter.hear([.news(next.bytes)])
        }
        encounter.wait(.milliseconds(100))
        #expect(told().isEmpty)
    }
}
