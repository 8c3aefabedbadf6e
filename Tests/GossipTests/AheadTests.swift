import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A node whose clock was hours ahead when it was told something, and is set right: what it was told
/// still holds, in words that others believe.
struct AheadTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    /// A node that was set right after it did something with its clock ten hours ahead.
    private func setRight(
        after act: (inout Encounter) -> Void
    ) throws -> (encounter: Encounter, signed: [Record]) {
        var encounter = Encounter(Seed(1)) { $0.isAdmin = true }
        _ = encounter.tell(.wallClock(encounter.time.advanced(by: .seconds(36_000))))
        let head = encounter.puppet.head(at: encounter.time)
        _ = encounter.hear(encounter.puppet.hello(head.bytes, wantsAnswer: true))
        encounter.wait(.seconds(1))
        act(&encounter)
        encounter.wait(.seconds(1))
        let effects = encounter.tell(.wallClock(encounter.time))
        let incarnation = try #require(effects.secured.first)
        _ = encounter.tell(.secured(incarnation))
        encounter.wait(.seconds(1))
        return (encounter, encounter.node.registry.records(of: encounter.node.id))
    }

    @Test func `its wish is stamped so that everybody takes it`() throws {
        let (encounter, signed) = try setRight { encounter in
            _ = encounter.command(.declare(name, spec, takeOwnership: false))
        }
        #expect(encounter.publication?.view.services.map(\.name) == [name])
        #expect(signed.count == 1)
        guard case .declaration(let declaration)? = signed.first?.body else {
            return #expect(Bool(false), "no declaration")
        }
        #expect(declaration.specStamp.milliseconds < encounter.time.milliseconds + 3_600_000)
    }

    @Test func `what it deleted for everybody stays deleted`() throws {
        let (encounter, signed) = try setRight { encounter in
            let time = encounter.time
            let body = Declaration(
                service: name,
                specStamp: HybridTime(time),
                spec: spec,
                claims: []
            )
            let wish = encounter.puppet.record(
                .declaration,
                slot: 0,
                .declaration(body),
                at: encounter.time
            )
            _ = encounter.hear([.news(wish.bytes)])
            encounter.wait(.seconds(1))
            _ = encounter.command(.withdraw(name))
        }
        guard case .retractions(let lines)? = signed.first?.body else {
            return #expect(Bool(false), "no retraction among \(signed.map(\.header.kind))")
        }
        let horizon = encounter.time.milliseconds + 3_600_000
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { $0.upTo.milliseconds < horizon })
        // A wish of before, from a clock that is right, does not come back.
        var puppet = encounter.puppet
        var after = encounter
        let old = Declaration(
            service: name,
            specStamp: HybridTime(encounter.time.advanced(by: .seconds(-60))),
            spec: spec,
            claims: []
        )
        let record = puppet.record(.declaration, slot: 1, .declaration(old), at: encounter.time)
        after.puppet = puppet
        _ = after.hear([.news(record.bytes)])
        after.wait(.seconds(1))
        #expect(after.publication?.view.services.isEmpty == true)
    }
}
