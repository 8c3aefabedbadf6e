import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// What a node does about a member that lies, a member that the root took out, and a copy of
/// itself (registry design, sections 3.5 and 8).
struct VerdictTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    private func wish(_ name: String) throws -> RecordBody {
        let service = try #require(ServiceName(namespace: "default", name: name))
        return .declaration(
            Declaration(service: service, specStamp: .zero, spec: spec, claims: [])
        )
    }

    private func faults(_ node: GossipNode) -> [Record] {
        node.registry.snapshot.filter { $0.header.kind == .fault }
    }

    /// Two records of the puppet under one number.
    private func fork(_ puppet: inout Puppet, at time: WallTime) throws -> [Record] {
        var twin = puppet
        return [
            puppet.record(.declaration, slot: 0, try wish("a"), at: time),
            twin.record(.declaration, slot: 0, try wish("b"), at: time),
        ]
    }

    @Test func `who signs two things under one number is told of, and out`() throws {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        let two = try fork(&encounter.puppet, at: encounter.time)
        let effects = encounter.hear(two.map { .news($0.bytes) })
        let reports = effects.contains { effect in
            if case .report(.faultProven(encounter.puppet.id, _)) = effect { true } else { false }
        }
        #expect(reports)
        #expect(faults(encounter.node).count == 1)
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.isEmpty == true)
        #expect(encounter.publication?.members.isEmpty == true)
    }

    // Invariant 35.
    @Test func `who was caught comes back with a new start`() throws {
        var encounter = Encounter(Seed(2))
        encounter.meet()
        let two = try fork(&encounter.puppet, at: encounter.time)
        _ = encounter.hear(two.map { .news($0.bytes) })
        encounter.puppet.pen = Pen(
            key: encounter.puppet.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: Pen.incarnation(
                after: two[0].header.incarnation,
                at: encounter.time,
                chance: 9
            )
        )
        let head = encounter.puppet.head(at: encounter.time)
        _ = encounter.hear(encounter.puppet.hello(head.bytes, wantsAnswer: false))
        let body = try wish("c")
        let record = encounter.puppet.record(.declaration, slot: 0, body, at: encounter.time)
        _ = encounter.hear([.news(record.bytes)])
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.map(\.name.name) == ["c"])
        #expect(encounter.publication?.members.count == 1)
    }

    @Test func `a proof against this very node makes it begin anew`() throws {
        var encounter = Encounter(Seed(3))
        encounter.meet()
        _ = encounter.command(.declare(name, spec, takeOwnership: false))
        let mine = try #require(
            encounter.node.registry.records(of: encounter.node.id).first
        )
        // A copy of the machine's memory, brought back to life, signs the same number.
        var copy = Puppet(encounter.authority, machine: 0)
        copy.pen = Pen(
            key: copy.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: mine.header.incarnation
        )
        copy.pen.skip(past: mine.header.sequence - 1)
        let body = try wish("other")
        let other = copy.record(.declaration, slot: 5, body, at: encounter.time)
        let effects = encounter.hear([.news(other.bytes)])
        #expect(effects.surpassed)
        let incarnation = try #require(effects.secured.first)
        #expect(incarnation > mine.header.incarnation)
        _ = encounter.tell(.secured(incarnation))
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.map(\.name) == [name])
        #expect(faults(encounter.node).count == 1)
    }

    @Test func `a word of somebody who is not known yet is no forgery`() {
        var encounter = Encounter(Seed(7))
        encounter.meet()
        let stranger = Puppet(encounter.authority, machine: 5)
        let version = MemberVersion(incarnation: 1, sequence: 1)
        let word = stranger.accusation(
            Accusation(accuser: stranger.id, subject: NodeID(9), version: version)
        )
        #expect(encounter.hear([.accusation(word)]).refusals.isEmpty)
    }

    // MARK: Clocks and copies

    @Test(arguments: [-3000, -6, 6, 7200, 10 * 86_400])
    func `a clock that jumps makes a node begin anew, and its wishes stay`(seconds: Int) throws {
        var encounter = Encounter(Seed(4))
        encounter.meet()
        _ = encounter.command(.declare(name, spec, takeOwnership: false))
        let before = encounter.node.registry.shelf(of: encounter.node.id)?.incarnation ?? 0
        let effects = encounter.tell(.wallClock(encounter.time.advanced(by: .seconds(seconds))))
        let incarnation = try #require(effects.secured.first)
        #expect(incarnation > before)
        _ = encounter.tell(.secured(incarnation))
        encounter.wait(.seconds(1))
        let shelf = try #require(encounter.node.registry.shelf(of: encounter.node.id))
        #expect(shelf.incarnation == incarnation)
        #expect(encounter.publication?.view.services.map(\.name) == [name])
    }

    @Test func `a clock that is set back by days leaves a node as it was, and is told of`() throws {
        var encounter = Encounter(Seed(5))
        encounter.meet()
        let back = encounter.time.advanced(by: .seconds(-2 * 86_400))
        let effects = encounter.tell(.wallClock(back))
        #expect(effects.secured.isEmpty)
        let isTold = effects.contains {
            if case .report(.clockUnbelievable) = $0 { true } else { false }
        }
        #expect(isTold)
    }

    @Test(arguments: [(0, 2), (60, 4)])
    func
        `of two machines with one key, the later falls silent soon, the earlier at the fourth time`(
            seconds: Int,
            times: Int
        ) throws
    {
        var encounter = Encounter(Seed(6))
        encounter.meet()
        encounter.wait(.seconds(seconds))
        var twin = Puppet(encounter.authority, machine: 0)
        var incarnation = encounter.node.registry.shelf(of: encounter.node.id)?.incarnation ?? 0
        for round in 0..<times {
            encounter.wait(.seconds(10))
            twin.pen = Pen(
                key: twin.identity.key,
                cluster: encounter.authority.anchor.cluster,
                incarnation: incarnation + 1
            )
            let head = twin.head(at: encounter.time)
            let effects = encounter.hear([.repair(head.bytes)])
            guard round < times - 1 else {
                let isTold = effects.contains {
                    if case .report(.duplicateIdentity) = $0 { true } else { false }
                }
                #expect(isTold)
                break
            }
            incarnation = try #require(effects.secured.first)
            _ = encounter.tell(.secured(incarnation))
        }
        #expect(encounter.publication?.phase == .stopped)
        let troubles = encounter.publication?.troubles.map(\.trouble) ?? []
        #expect(troubles.contains(.twin(twin.address)))
        #expect(encounter.node.nextDeadline == .never)
        #expect(encounter.hear([.want([1])]).isEmpty)
        let refused = encounter.command(.declare(name, spec, takeOwnership: false))
        #expect(refused.outcome == .refused(.stopped))
    }
}
