import Gossip
import Registry
import Simulation
import Testing
import Vocabulary

/// Those who would be members and are shown with the reason why they are none.
struct OutsiderTests {
    private func ended(_ encounter: Encounter) -> Puppet {
        Puppet(encounter.authority, machine: 2) { content in
            content.notBefore = Authority.beginning.seconds - 7200
            content.notAfter = Authority.beginning.seconds - 3600
        }
    }

    @Test func `a certificate that ended is shown with its end`() {
        var encounter = Encounter(Seed(1))
        encounter.begin()
        encounter.wait(.seconds(1))
        var late = ended(encounter)
        let head = late.head(at: encounter.time)
        _ = encounter.hear(late.hello(head.bytes, wantsAnswer: true), from: late.address)
        encounter.wait(.seconds(2))
        let outsiders = encounter.publication?.outsiders ?? []
        #expect(outsiders.map(\.id) == [late.id])
        #expect(outsiders.first?.name == late.identity.certificate.content.name)
        #expect(
            outsiders.first?.reason
                == .certificateEnded(Authority.beginning.seconds - 3600)
        )
    }

    @Test func `a HEAD that its author did not sign shows nobody`() {
        var encounter = Encounter(Seed(1))
        encounter.begin()
        encounter.wait(.seconds(1))
        var late = ended(encounter)
        var bytes = late.head(at: encounter.time).bytes
        bytes[bytes.count - 1] ^= 1
        _ = encounter.hear(late.hello(bytes, wantsAnswer: true), from: late.address)
        encounter.wait(.seconds(2))
        #expect(encounter.publication?.outsiders == [])
    }

    @Test func `of many in one second one is looked at`() {
        var encounter = Encounter(Seed(1))
        encounter.begin()
        encounter.wait(.seconds(1))
        for machine in 2..<10 {
            var late = Puppet(encounter.authority, machine: machine) { content in
                content.notBefore = Authority.beginning.seconds - 7200
                content.notAfter = Authority.beginning.seconds - 3600
            }
            let head = late.head(at: encounter.time)
            _ = encounter.hear(late.hello(head.bytes, wantsAnswer: true), from: late.address)
        }
        encounter.wait(.seconds(2))
        #expect(encounter.publication?.outsiders.count == 1)
    }

    @Test func `whom a root took out is shown with its name and the root's words`() {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.seconds(2))
        let revoked = encounter.puppet.id
        let record = encounter.authority.revocation(of: revoked, reason: "stolen")
        _ = encounter.command(.load(.record(record)))
        encounter.wait(.seconds(2))
        let outsider = encounter.publication?.outsiders.first
        #expect(outsider?.id == revoked)
        #expect(outsider?.name == encounter.puppet.identity.certificate.content.name)
        #expect(outsider?.reason == .revoked("stolen"))
    }
}
