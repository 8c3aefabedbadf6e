import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// Somebody without a certificate, who hears what goes over the network and may send anything in
/// anybody's name.
struct AttackOutsiderTests {
    private let counter = CheckCounter()

    private func met() -> Encounter {
        var encounter = Encounter(Seed(1), check: counter.check)
        encounter.meet()
        encounter.wait(.seconds(3))
        return encounter
    }

    /// Where a flood comes from: another address each time.
    private func stranger(_ number: Int) -> PeerAddress { Authority.address(of: 1000 + number) }

    @Test
    func `what was recorded is worth nothing at another node, nor after a restart`() {
        var encounter = met()
        let recorded = encounter.sealed([.want([1, 2, 3])])
        #expect(encounter.hear(recorded).refusals == [])
        // Another node of the cluster that knows the sender as well.
        var other = Encounter(Seed(1)) { $0.name = "other" }
        other.meet()
        let third = other.authority.identity(
            of: 2,
            start: 1,
            certificate: other.authority.certificate(of: 2),
            addresses: [Authority.address(of: 2)]
        )
        var memory = GossipNode(
            identity: third,
            memory: Memory(incarnation: Pen.incarnation(after: 0, at: other.time, chance: 2)),
            check: .real,
            at: other.now
        )
        var effects = Effects()
        memory.handle(.wallClock(other.time), at: other.now, into: &effects)
        let head = other.puppet.head(at: other.time)
        let hello = other.puppet.hello(head.bytes, wantsAnswer: false)
        memory.handle(.datagram(hello, from: other.puppet.address), at: other.now, into: &effects)
        effects = Effects()
        let event = Event.datagram(recorded, from: other.puppet.address)
        memory.handle(event, at: other.now, into: &effects)
        #expect(effects.list.refusals.count == 1)
        // The node itself draws other keys on its next start.
        let again = encounter.authority.identity(
            of: 0,
            start: 2,
            certificate: encounter.authority.certificate(of: 0),
            addresses: [encounter.address]
        )
        memory = GossipNode(
            identity: again,
            memory: Memory(incarnation: Pen.incarnation(after: 0, at: encounter.time, chance: 3)),
            check: .real,
            at: encounter.now
        )
        effects = Effects()
        memory.handle(.wallClock(encounter.time), at: encounter.now, into: &effects)
        memory.handle(
            .datagram(hello, from: other.puppet.address),
            at: encounter.now,
            into: &effects
        )
        effects = Effects()
        memory.handle(event, at: encounter.now, into: &effects)
        #expect(effects.list.refusals.count == 1)
    }

    @Test
    func `nothing is ever sent to a source that only claims to be a member`() {
        var encounter = met()
        // Datagrams of the member, on their way to us through the hands of somebody else, who
        // gives them another source.
        for turn in 0..<50 {
            let bytes = encounter.sealed([.want([UInt64(turn)]), .busy(1)])
            let effects =
                encounter.hear(bytes, from: stranger(turn)) + encounter.wait(.seconds(1))
            #expect(effects.sent.allSatisfy { $0.to == encounter.puppet.address })
        }
    }

    @Test
    func `a flood of hellos from outside costs no signature and no answer`() {
        var encounter = met()
        var foreign = Puppet(Authority(Seed(99)), machine: 1)
        let head = foreign.head(at: encounter.time)
        let checks = counter.during {
            for turn in 0..<500 {
                var bytes = foreign.hello(head.bytes, wantsAnswer: turn % 2 == 0)
                bytes[bytes.count - 1 - turn % 16] ^= UInt8(1 + turn % 255)
                let effects = encounter.hear(bytes, from: stranger(turn))
                #expect(effects.sent.isEmpty)
                #expect(effects.refusals.count == 1)
            }
        }
        #expect(checks == 0)
    }

    @Test
    func `a recorded hello is checked once, however often it comes`() {
        var encounter = met()
        var newcomer = Puppet(encounter.authority, machine: 2)
        let head = newcomer.head(at: encounter.time)
        let hello = newcomer.hello(head.bytes, wantsAnswer: true)
        var asked = 0
        var answered = 0
        let checks = counter.during {
            for turn in 0..<500 {
                let effects = encounter.hear(hello, from: stranger(turn))
                asked += hello.count
                answered += effects.sent.reduce(0) { $0 + $1.bytes.count }
            }
        }
        // The HEAD and the certificate in it.
        #expect(checks <= 2)
        #expect(answered <= asked)
    }

    @Test
    func `a count that no datagram could hold is refused before anything is made of it`() {
        var encounter = met()
        // Every type of frame there is or may be, with a body that begins with great numbers.
        let bomb = [UInt8](repeating: 0xff, count: 64)
        for kind in UInt8.min...UInt8.max {
            for length in [2, 8, 64] {
                let body = Array(bomb.prefix(length))
                let frame = [kind, 0, UInt8(length)] + body
                let effects = encounter.hear(sealed: frame)
                #expect(effects.refusals.count <= 1)
                #expect(effects.published.isEmpty)
                #expect(effects.sent.reduce(0) { $0 + $1.bytes.count } <= 1372)
            }
            #expect(encounter.hear(sealed: [kind, 0xff, 0xff]).refusals == ["malformed"])
        }
    }
}
