import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// What a node counts of its datagrams and records.
struct InspectionTests {
    private var known: Encounter {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        return encounter
    }

    private func came(_ encounter: Encounter, _ kind: PacketKind) -> Int {
        encounter.node.inspection.packets.packets(.came, kind)
    }

    @Test func `a datagram counts once, as what its first frame is`() {
        var encounter = known
        let before = encounter.node.inspection.packets
        let digest = StoreDigest(of: encounter.node.registry, at: encounter.time)
        let probe = encounter.sealed([
            .probe(ProbeNumber(raw: 7), digest), .digest(digest, wantsAnswer: false),
        ])
        _ = encounter.hear(probe)
        let after = encounter.node.inspection.packets
        #expect(after.packets(.came, .probe) == before.packets(.came, .probe) + 1)
        #expect(after.bytes(.came, .probe) == before.bytes(.came, .probe) + probe.count)
        #expect(after.packets(.came, .reconcile) == before.packets(.came, .reconcile))
        #expect(after.packets(.went, .ack) == before.packets(.went, .ack) + 1)
    }

    @Test func `what could not be opened is counted as refused, whatever it claims to be`() {
        var encounter = known
        let before = came(encounter, .refused)
        _ = encounter.hear([1, 2, 3])
        _ = encounter.hear([UInt8](repeating: 1, count: 200))
        #expect(came(encounter, .refused) == before + 2)
    }

    @Test func `every datagram that leaves is counted with its bytes`() {
        var encounter = Encounter(Seed(1))
        var sent = encounter.meet().sent
        sent += encounter.wait(.seconds(20)).sent
        let packets = encounter.node.inspection.packets
        var (count, bytes) = (0, 0)
        for kind in PacketKind.allCases {
            count += packets.packets(.went, kind)
            bytes += packets.bytes(.went, kind)
        }
        #expect(count == sent.count)
        #expect(bytes == sent.reduce(0) { $0 + $1.bytes.count })
        #expect(packets.packets(.went, .hello) > 0)
        #expect(packets.packets(.came, .hello) > 0)
        #expect(packets.packets(.went, .refused) == 0)
    }

    @Test func `a measurement leaves the node as an effect`() {
        var encounter = known
        let effects = encounter.wait(.seconds(20))
        let failures = effects.filter { effect in
            guard case .measured(.probeFailed(let peer, .direct)) = effect else { return false }
            return peer == encounter.puppet.id
        }
        #expect(!failures.isEmpty, "the puppet answers no probe")
    }
}
