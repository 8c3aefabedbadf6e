import Gossip
import Membership
import Registry
import Simulation
import Sodium
import Testing
import Vocabulary
import Wire

/// A bad member among eight honest nodes, over a network that loses some.
struct AttackWorldTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
    private static let honest = 8

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    /// Eight nodes that met, and a puppet that all of them know; no node of its own runs.
    private func world(_ seed: Seed) throws -> (World, Puppet) {
        var plan = World.Plan()
        plan.machines = Self.honest
        plan.link.lossPerMille = 20
        // As the puppet seals.
        plan.seals = .real
        var world = World(seed, plan)
        try #require(
            world.run(atMost: .seconds(20)) { $0.running.count == Self.honest && $0.meet() }
                != nil
        )
        var puppet = Puppet(world.authority, machine: Self.honest)
        let head = puppet.head(at: world.wallTime(of: 0))
        for machine in 0..<Self.honest {
            let hello = puppet.hello(head.bytes, wantsAnswer: false)
            world.replay(hello, to: machine, from: puppet.address)
        }
        world.run(for: .milliseconds(200))
        return (world, puppet)
    }

    /// Lets the puppet say something to a node.
    private func say(
        _ frames: [Frame],
        by puppet: inout Puppet,
        to machine: Int,
        in world: inout World
    ) {
        let identity = world.authority.identity(
            of: machine,
            start: 1,
            certificate: world.machines[machine].certificate,
            addresses: [world.machines[machine].address]
        )
        let bytes = puppet.seal(
            frames,
            for: identity.node,
            identity.agreement.publicHalf,
            at: world.wallTime(of: machine)
        )
        world.replay(bytes, to: machine, from: puppet.address)
    }

    private func registries(_ world: World) -> [RecordStore] {
        world.machines.compactMap { $0.node?.registry }
    }

    @Test(arguments: Seed.sweep(3))
    func `a proof against whoever signs twice is on all nodes within a second`(
        seed: Seed
    ) throws {
        var (world, puppet) = try world(seed)
        var twin = puppet
        let time = world.wallTime(of: 0)
        let other = try #require(ServiceName(namespace: "default", name: "other"))
        for (machine, service) in [(0, name), (5, other)] {
            let body = Declaration(
                service: service,
                specStamp: HybridTime(time),
                spec: spec,
                claims: []
            )
            let record =
                machine == 0
                ? puppet.record(.declaration, slot: 0, .declaration(body), at: time)
                : twin.record(.declaration, slot: 0, .declaration(body), at: time)
            // One half of the lie to each half of the cluster.
            say([.news(record.bytes)], by: &puppet, to: machine, in: &world)
        }
        world.run(for: .seconds(1))
        for registry in registries(world) {
            #expect(registry.snapshot.contains { $0.header.kind == .fault })
        }
        world.run(for: .milliseconds(100))
        #expect(world.views().allSatisfy { $0?.services.isEmpty == true })
    }

    @Test(arguments: Seed.sweep(2))
    func `a member that accuses everybody for long evicts nobody and takes nothing out`(
        seed: Seed
    ) throws {
        var (world, puppet) = try world(seed)
        world.declare(name, spec, on: 3)
        final class Log { var fallen = 0 }
        let log = Log()
        let bad = puppet.id
        world.witness = { _, sight in
            if case .reported(_, .memberChanged(let id, _, _, let state)) = sight, id != bad,
                state != .alive
            {
                log.fallen += 1
            }
        }
        for turn in 0..<20 {
            for victim in 0..<Self.honest {
                guard let head = registries(world)[0].shelf(of: world.machines[victim].id)?.head
                else { continue }
                let word = Accusation(
                    accuser: puppet.id,
                    subject: head.author,
                    version: MemberVersion(
                        incarnation: head.header.incarnation,
                        sequence: head.header.sequence
                    )
                )
                let signed = puppet.accusation(word)
                let listener = (victim + turn) % Self.honest
                say([.accusation(signed)], by: &puppet, to: listener, in: &world)
            }
            world.run(for: .seconds(1))
        }
        #expect(log.fallen == 0)
        #expect(world.views().allSatisfy { $0?.services.map(\.name) == [name] })
    }

    @Test(arguments: Seed.sweep(3))
    func `what a revoked key signed is gone everywhere within five seconds`(seed: Seed) throws {
        var (world, puppet) = try world(seed)
        let time = world.wallTime(of: 0)
        let body = Declaration(
            service: name,
            specStamp: HybridTime(time),
            spec: spec,
            claims: []
        )
        let record = puppet.record(.declaration, slot: 0, .declaration(body), at: time)
        say([.news(record.bytes)], by: &puppet, to: 4, in: &world)
        world.run(for: .seconds(2))
        #expect(world.views().allSatisfy { $0?.services.map(\.name) == [name] })
        let revocation = world.authority.revocation(of: puppet.id)
        world.command(.load(.record(revocation)), on: 7)
        // Whoever has the key goes on talking.
        for turn in 0..<10 {
            world.run(for: .milliseconds(500))
            let head = puppet.head(at: world.wallTime(of: 0))
            say(
                [.news(head.bytes), .news(record.bytes)],
                by: &puppet,
                to: turn % Self.honest,
                in: &world
            )
        }
        for registry in registries(world) {
            #expect(registry.isRevoked(puppet.id))
            #expect(registry.records(of: puppet.id).isEmpty)
        }
        #expect(world.views().allSatisfy { $0?.services.isEmpty == true })
        let members = world.machines.compactMap { $0.publication?.members }
        #expect(members.allSatisfy { list in !list.contains { $0.id == puppet.id } })
    }
}
