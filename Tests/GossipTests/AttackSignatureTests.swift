import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A member that brings records nobody signed: it pays for their checks, and nobody else does.
struct AttackSignatureTests {
    private let bad: BadMember

    init() throws { bad = try BadMember() }

    /// Records of the bad member whose signatures are wrong, each another one.
    private func forgeries(_ puppet: inout Puppet, _ count: Int, at time: WallTime) -> [[UInt8]] {
        (0..<count).map { slot in
            var bytes = bad.wish(&puppet, UInt32(slot), at: time).bytes
            bytes[bytes.count - 1] ^= 1
            return bytes
        }
    }

    @Test
    func `records that nobody signed cost a check a second, and nothing else of their sender`() {
        var (encounter, heads) = bad.village(4)
        let forged = forgeries(&encounter.puppet, 1000, at: encounter.time)
        var (refused, unread) = (0, 0)
        var told: Set<NodeID> = []
        let checks = bad.counter.during {
            for bytes in forged {
                let effects = encounter.hear([.news(bytes), .repair(bytes)])
                for case .report(let incident) in effects {
                    switch incident {
                    case .recordRefused(.signature, _, from: encounter.puppet.id): refused += 1
                    case .recordUnread(from: let sender):
                        told.insert(sender)
                        unread += 1
                    default: break
                    }
                }
                encounter.wait(.milliseconds(10))
            }
        }
        // Sixteen at once, and one more in each of the ten seconds.
        #expect((20...28).contains(refused), "\(refused)")
        #expect(checks <= 28, "\(checks)")
        #expect(refused + unread == 2000)
        #expect(told == [encounter.puppet.id])
        let digest = StoreDigest(of: encounter.node.registry, at: encounter.time)
        // Its probes are answered meanwhile, and what others tell is taken.
        let probe = encounter.hear([.digest(digest, wantsAnswer: true)])
        #expect(!encounter.frames(probe).isEmpty)
        var other = Puppet(encounter.authority, machine: 2)
        other.pen.skip(past: heads[0].header.sequence)
        let record = bad.wish(&other, 0, at: encounter.time)
        let bytes = other.seal(
            [.news(record.bytes)],
            for: encounter.node.id,
            encounter.agreement,
            at: encounter.time
        )
        #expect(encounter.hear(bytes, from: other.address).refusals == [])
        encounter.wait(.milliseconds(200))
        #expect(encounter.publication?.view.services.map(\.name) == [bad.name])
    }

    @Test
    func `a relay that stops passing on what nobody signed is heard again in a second`() {
        var (encounter, _) = bad.village(2)
        let forged = forgeries(&encounter.puppet, 100, at: encounter.time)
        for bytes in forged { _ = encounter.hear([.news(bytes)]) }
        let record = bad.wish(&encounter.puppet, 200, at: encounter.time)
        #expect(encounter.hear([.news(record.bytes)]).refusals == ["unread"])
        encounter.wait(.seconds(1))
        #expect(encounter.hear([.news(record.bytes)]).refusals == [])
    }

    @Test
    func `HEADs of a root that does not count close the door to HEADs alone`() {
        var (encounter, _) = bad.village(2)
        let foreign = Authority(Seed(99))
        let checks = bad.counter.during {
            for machine in 10..<200 {
                var other = Puppet(foreign, machine: machine) {
                    $0.cluster = encounter.authority.anchor.cluster
                }
                _ = encounter.hear([.news(other.head(at: encounter.time).bytes)])
            }
        }
        #expect(checks <= 20)
        let record = bad.wish(&encounter.puppet, 0, at: encounter.time)
        #expect(encounter.hear([.news(record.bytes)]).refusals == [])
    }
}
