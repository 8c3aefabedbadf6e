import Gossip
import Registry
import Simulation
import Sodium
import Testing
import Vocabulary
import Wire

/// What a root says while a node runs.
struct TrustTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    private func met() -> Encounter {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.seconds(1))
        return encounter
    }

    private func untrusted(_ outcome: Outcome?) -> String? {
        guard case .refused(.untrusted(let words))? = outcome else { return nil }
        return words
    }

    private func incidents(_ effects: [Effect]) -> [Incident] {
        effects.compactMap { if case .report(let incident) = $0 { incident } else { nil } }
    }

    /// A certificate of the node that begins a minute later than its own.
    private func later(
        _ encounter: Encounter,
        _ change: (inout Certificate.Content) -> Void = { _ in }
    ) -> Certificate {
        encounter.authority.certificate(of: 0) { content in
            content.notBefore += 60
            content.notAfter += 60
            change(&content)
        }
    }

    // MARK: Revocation

    @Test func `a revocation is passed on, to the one it is about too`() throws {
        var encounter = met()
        let record = encounter.authority.revocation(of: encounter.puppet.id)
        let (outcome, effects) = encounter.command(.load(.record(record)))
        #expect(outcome == .loaded(isNews: true))
        #expect(encounter.frames(effects).contains(.news(record.bytes)))
        let changes = effects.persisted
        #expect(changes.contains { $0.value == record.bytes }, "it is on disk")
        #expect(encounter.publication?.members == [])
        #expect(encounter.command(.load(.record(record))).outcome == .loaded(isNews: false))
    }

    @Test func `a node that is revoked says so, passes it on, and is silent from then on`() {
        var encounter = met()
        let record = encounter.authority.revocation(of: encounter.node.id, reason: "sold")
        let effects = encounter.hear([.news(record.bytes)])
        #expect(incidents(effects).contains(.expelled(reason: "sold")))
        let later = encounter.wait(.seconds(10))
        #expect(later.sent.isEmpty)
        #expect(encounter.publication?.revocation?.reason == "sold")
        let wish = encounter.command(.declare(name, spec, takeOwnership: false))
        #expect(wish.outcome == .refused(.revoked("sold")))
    }

    @Test func `a node that was revoked stays so when it begins again`() throws {
        var encounter = met()
        let record = encounter.authority.revocation(of: encounter.node.id)
        let effects = encounter.hear([.news(record.bytes)]) + encounter.wait(.seconds(1))
        let changes = effects.persisted
        let kept = try #require(changes.first { $0.value == record.bytes }?.value)
        let incarnation = Pen.incarnation(after: 0, at: Authority.beginning, chance: 9)
        let memory = Memory(incarnation: incarnation, records: [try Record(decoding: kept)])
        var again = Encounter(Seed(1), memory: memory)
        #expect(again.begin().sent.isEmpty)
        #expect(again.wait(.seconds(3)).sent.isEmpty)
        #expect(again.publication?.revocation?.reason == "stolen")
    }

    @Test func `who revokes a delegation revokes all that it let in, and nobody else`() {
        var encounter = met()
        let guest = Puppet(
            encounter.authority,
            machine: 2,
            certificate: encounter.authority.delegatedCertificate(of: 2)
        )
        var puppet = guest
        _ = encounter.hear(puppet.hello(puppet.head(at: encounter.time).bytes, wantsAnswer: false))
        #expect(encounter.publication != nil)
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.nodes.count == 3)
        let id = encounter.authority.delegation().delegation.id
        _ = encounter.command(.load(.record(encounter.authority.revocation(of: id))))
        #expect(encounter.publication?.nodes.count == 2)
        let effects = encounter.hear(
            puppet.hello(puppet.head(at: encounter.time).bytes, wantsAnswer: true)
        )
        #expect(effects.refusals == ["revoked"])
    }

    @Test func `nobody but a root revokes`() throws {
        var encounter = met()
        let foreign = Authority(Seed(99)).revocation(of: encounter.puppet.id)
        let outcome = encounter.command(.load(.record(foreign))).outcome
        #expect(untrusted(outcome)?.contains("no root of this cluster") == true)
        // A header that names this node as its author is no reason to skip the signature.
        let revocation = try #require(foreign.body.revocation)
        let own = encounter.puppet.record(
            .revoke,
            slot: 0,
            .revocation(revocation),
            at: encounter.time
        )
        #expect(untrusted(encounter.command(.load(.record(own))).outcome) != nil)
        let head = encounter.puppet.head(at: encounter.time)
        #expect(untrusted(encounter.command(.load(.record(head))).outcome) != nil)
        #expect(encounter.publication?.nodes.count == 2)
    }

    @Test func `later settings replace earlier ones, and never the other way round`() {
        var encounter = met()
        let record = encounter.authority.settings { $0.name = "renamed" }
        #expect(encounter.command(.load(.record(record))).outcome == .loaded(isNews: true))
        #expect(encounter.publication?.view.clusterName == "renamed")
        let first = encounter.command(.load(.record(encounter.authority.cluster))).outcome
        #expect(untrusted(first)?.contains("a later word") == true)
    }

    // MARK: Renewal

    @Test func `a later certificate counts at once, and nothing else changes`() throws {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        _ = encounter.command(.declare(name, spec, takeOwnership: false))
        let certificate = later(encounter)
        let (outcome, loading) = encounter.command(.load(.certificate(certificate)))
        #expect(outcome == .loaded(isNews: true))
        let effects = loading + encounter.wait(.milliseconds(5))
        let order = effects.compactMap { effect -> String? in
            switch effect {
            case .persist(let changes):
                changes.contains { $0.value == certificate.bytes } ? "disk" : nil
            case .answer: "answer"
            case .send: "sent"
            default: nil
            }
        }
        #expect(order.first == "disk", "on disk before anybody hears of it")
        let heads = encounter.frames(effects).compactMap { frame -> Head? in
            guard case .news(let bytes) = frame, let record = try? Record(decoding: bytes),
                case .head(let head) = record.body
            else { return nil }
            return head
        }
        #expect(heads.map(\.certificate) == [certificate])
        #expect(effects.secured == [], "it goes on in the same incarnation")
        #expect(encounter.publication?.credential == certificate)
        #expect(encounter.publication?.view.services.map(\.name) == [name])
        #expect(
            encounter.command(.load(.certificate(certificate))).outcome == .loaded(isNews: false)
        )
    }

    @Test func `a certificate that is another's, old, foreign or of another name is refused`() {
        var encounter = met()
        let authority = encounter.authority
        for (words, certificate) in [
            ("is for the key of b", authority.certificate(of: 1)),
            (
                "has a later certificate",
                later(encounter) {
                    $0.notBefore -= 120; $0.notAfter -= 120
                }
            ),
            ("its name is a", later(encounter) { $0.name = "z" }),
            ("does not count at this time", later(encounter) { $0.notBefore += 86_400 }),
            (
                "is of cluster",
                Authority(Seed(2)).certificate(of: 0) {
                    $0.key = authority.key(of: 0).verifyingKey
                    $0.notBefore += 60
                }
            ),
            (
                "makes no administrators",
                authority.delegatedCertificate(of: 0) {
                    $0.notBefore += 60
                    $0.isAdmin = true
                }
            ),
        ] {
            let outcome = encounter.command(.load(.certificate(certificate))).outcome
            #expect(untrusted(outcome)?.contains(words) == true, "\(words)")
        }
        #expect(encounter.publication?.credential == authority.certificate(of: 0))
    }

    @Test func `a node whose certificate ended begins anew with the next one`() throws {
        var encounter = Encounter(Seed(1)) { $0.notAfter = $0.notBefore + 3660 }
        encounter.meet()
        _ = encounter.command(.declare(name, spec, takeOwnership: false))
        encounter.wait(.seconds(300))
        let (outcome, effects) = encounter.command(.load(.certificate(later(encounter))))
        #expect(outcome == .loaded(isNews: true))
        let incarnation = try #require(effects.secured.first)
        _ = encounter.tell(.secured(incarnation))
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.map(\.name) == [name])
    }

    @Test func `a guest whose token was revoked is a member again by the root's own word`() throws {
        var encounter = Encounter(Seed(1), isGuest: true)
        encounter.meet()
        _ = encounter.command(.declare(name, spec, takeOwnership: false))
        let id = encounter.authority.delegation().delegation.id
        _ = encounter.hear([.news(encounter.authority.revocation(of: id).bytes)])
        #expect(encounter.wait(.seconds(3)).sent.isEmpty)
        let (outcome, effects) = encounter.command(.load(.certificate(later(encounter))))
        #expect(outcome == .loaded(isNews: true))
        _ = encounter.tell(.secured(try #require(effects.secured.first)))
        #expect(!encounter.wait(.seconds(3)).sent.isEmpty)
        #expect(encounter.publication?.revocation == nil)
        #expect(encounter.publication?.view.services.map(\.name) == [name])
    }

    // MARK: Joining

    @Test func `a node without settings learns them from the first peer, and then works`() {
        var encounter = Encounter(
            Seed(1),
            knowsSettings: false,
            isGuest: true
        )
        encounter.meet()
        #expect(
            encounter.command(.declare(name, spec, takeOwnership: false)).outcome
                == .refused(.notReady)
        )
        #expect(encounter.publication == nil)
        _ = encounter.hear([.repair(encounter.authority.cluster.bytes)])
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.clusterName == "simulated")
        let wish = encounter.command(.declare(name, spec, takeOwnership: false)).outcome
        guard case .declared? = wish else {
            Issue.record("\(String(describing: wish))")
            return
        }
    }

    @Test func `two members of one name are told of`() {
        var encounter = Encounter(Seed(1)) { $0.name = "b" }
        let effects = encounter.meet() + encounter.wait(.seconds(1))
        #expect(incidents(effects).contains(.nameShared(encounter.puppet.id, name: "b")))
    }
}

extension RecordBody {
    fileprivate var revocation: Revocation? {
        if case .revocation(let revocation) = self { revocation } else { nil }
    }
}
