import Gossip
import Membership
import Registry
import Simulation
import Sodium
import Testing
import Vocabulary
import Wire

/// What a node says should be mended, when it begins and when it ends.
struct TroubleTests {
    private let stranger: PeerAddress

    init() throws { stranger = try #require(PeerAddress("192.0.2.7:7747")) }

    private func troubles(_ encounter: Encounter) -> [Trouble] {
        (encounter.publication?.troubles ?? []).map(\.trouble)
    }

    private func told(_ effects: [Effect]) -> [Incident] {
        effects.compactMap { effect in
            switch effect {
            case .report(.troubleBegan(let trouble)): .troubleBegan(trouble)
            case .report(.troubleEnded(let trouble)): .troubleEnded(trouble)
            default: nil
            }
        }
    }

    private func begun(_ seeds: [PeerAddress]) -> Encounter {
        var encounter = Encounter(Seed(1))
        _ = encounter.tell(.seeds(seeds))
        encounter.begin()
        return encounter
    }

    // MARK: Configured peers

    @Test func `a configured peer of which nothing comes is told of once`() {
        var encounter = begun([stranger])
        let effects = encounter.wait(.seconds(60))
        #expect(told(effects).filter { $0 == .troubleBegan(.seedSilent(stranger)) }.count == 1)
        #expect(troubles(encounter).contains(.seedSilent(stranger)))
    }

    @Test func `while it just starts, a silent peer is no trouble`() {
        var encounter = begun([stranger])
        encounter.wait(.seconds(8))
        #expect(!troubles(encounter).contains(.seedSilent(stranger)))
    }

    @Test func `what it seals ends its silence`() {
        var encounter = Encounter(Seed(1))
        _ = encounter.tell(.seeds([encounter.puppet.address]))
        encounter.begin()
        encounter.wait(.seconds(15))
        #expect(troubles(encounter).contains(.seedSilent(encounter.puppet.address)))
        let head = encounter.puppet.head(at: encounter.time)
        _ = encounter.hear(encounter.puppet.hello(head.bytes, wantsAnswer: true))
        _ = encounter.hear([.busy(1)])
        let ended = told(encounter.wait(.seconds(2)))
        #expect(ended.contains(.troubleEnded(.seedSilent(encounter.puppet.address))))
    }

    @Test func `a closed port is another trouble than silence`() {
        var encounter = begun([stranger])
        encounter.wait(.seconds(15))
        _ = encounter.tell(.unreachable(stranger))
        encounter.wait(.seconds(2))
        #expect(troubles(encounter).contains(.seedRefused(stranger)))
        #expect(!troubles(encounter).contains(.seedSilent(stranger)))
    }

    @Test func `who works alone though it has peers says so`() {
        var encounter = begun([stranger])
        encounter.wait(.seconds(15))
        #expect(troubles(encounter).contains(.nobody))
    }

    @Test func `who has no peers has no trouble`() {
        var encounter = begun([])
        encounter.wait(.seconds(30))
        #expect(troubles(encounter).isEmpty)
    }

    @Test func `a refused port of a member is a word against it`() {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.seconds(3))
        _ = encounter.tell(.unreachable(encounter.puppet.address))
        let (outcome, _) = encounter.command(.explain(encounter.puppet.id))
        guard case .explained(let file) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(file.words.map(\.accuser) == [encounter.node.id])
    }

    // MARK: Strangers

    private func hello(of other: Seed) -> [UInt8] {
        var puppet = Puppet(Authority(other), machine: 1)
        let head = puppet.head(at: Authority.beginning)
        return puppet.hello(head.bytes, wantsAnswer: false)
    }

    @Test func `hellos of another cluster are told of when they come again`() {
        var encounter = begun([])
        let bytes = hello(of: Seed(99))
        _ = encounter.hear(bytes, from: stranger)
        encounter.wait(.seconds(2))
        #expect(troubles(encounter).isEmpty)
        for _ in 0..<3 {
            _ = encounter.hear(bytes, from: stranger)
            encounter.wait(.seconds(1))
        }
        #expect(troubles(encounter) == [.otherCluster(stranger)])
        encounter.wait(.seconds(62))
        #expect(troubles(encounter).isEmpty)
    }

    @Test func `a later protocol is told of, and who speaks it is shown as no member`() {
        var encounter = begun([])
        let bytes = [UInt8](repeating: 2, count: 60)
        for _ in 0..<4 {
            _ = encounter.hear(bytes, from: stranger)
            encounter.wait(.seconds(1))
        }
        #expect(troubles(encounter) == [.newerVersion(stranger, 2)])
        encounter.wait(.seconds(2))
        let outsider = encounter.publication?.outsiders.first
        #expect(outsider?.reason == .newerVersion(2))
        #expect(outsider?.address == stranger)
    }

    @Test func `whoever invents addresses makes neither many troubles nor many lines`() throws {
        var encounter = begun([])
        let bytes = hello(of: Seed(99))
        var lines = 0
        for round in 0..<40 {
            for host in 0..<250 {
                let source = try #require(PeerAddress("198.51.100.\(host):\(1000 + round % 7)"))
                lines += told(encounter.hear(bytes, from: source)).count
            }
            lines += told(encounter.wait(.seconds(1))).count
            #expect(troubles(encounter).count <= 16)
        }
        #expect(lines <= 32)
    }

    @Test func `bytes with a member's address on them are no trouble of that member`() {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.milliseconds(500))
        _ = encounter.hear([.busy(1)])
        for _ in 0..<5 {
            _ = encounter.hear(hello(of: Seed(99)))
            _ = encounter.hear([UInt8](repeating: 2, count: 60))
            encounter.wait(.milliseconds(400))
            _ = encounter.hear([.busy(1)])
        }
        #expect(troubles(encounter).isEmpty)
    }

    // MARK: Addresses

    @Test func `packets from another address than the HEAD names are told of`() {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        for _ in 0..<3 {
            _ = encounter.hear(encounter.sealed([.busy(1)]), from: stranger)
            encounter.wait(.milliseconds(300))
        }
        encounter.wait(.seconds(1))
        let trouble = Trouble.addressDiffers(
            encounter.puppet.id,
            declared: encounter.puppet.address,
            seen: stranger
        )
        #expect(troubles(encounter).contains(trouble))
        _ = encounter.hear([.busy(1)])
        encounter.wait(.seconds(1))
        #expect(!troubles(encounter).contains(trouble))
    }

    @Test func `a packet that somebody kept and sends from elsewhere is no such trouble`() {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        let kept = encounter.sealed([.busy(1)])
        _ = encounter.hear(kept)
        for _ in 0..<5 {
            _ = encounter.hear(kept, from: stranger)
            encounter.wait(.milliseconds(300))
        }
        encounter.wait(.seconds(1))
        let differing = troubles(encounter).contains {
            if case .addressDiffers = $0 { true } else { false }
        }
        #expect(!differing)
    }

    // MARK: How often it is told

    @Test func `what comes and goes is told twice a minute at most`() {
        var encounter = begun([])
        var lines = 0
        for _ in 0..<60 {
            _ = encounter.tell(.seeds([stranger]))
            _ = encounter.tell(.unreachable(stranger))
            lines +=
                told(encounter.wait(.seconds(2)))
                .filter { $0 == .troubleBegan(.seedRefused(stranger)) }.count
            _ = encounter.tell(.seeds([]))
            encounter.wait(.seconds(2))
        }
        #expect((2...5).contains(lines))
    }

    // MARK: What we send because of others

    @Test func `bytes in a member's name make us greet it seldom`() {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.seconds(2))
        var greetings = 0
        for _ in 0..<120 {
            var bytes = encounter.sealed([.busy(1)])
            bytes[bytes.count - 1] ^= 1
            let address = encounter.puppet.address
            for sent in encounter.hear(bytes, from: stranger).sent where sent.to == address {
                if sent.bytes.first == 1, sent.bytes[1] == 1 { greetings += 1 }
            }
            encounter.wait(.seconds(1))
        }
        #expect((1...8).contains(greetings))
    }
}
