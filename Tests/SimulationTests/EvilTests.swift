import Gossip
import Membership
import Registry
import Testing
import Vocabulary

@testable import Simulation

/// A member gone bad harms nobody else, whatever it does.
struct EvilTests {
    /// Five honest machines with a service each, and one that turned bad ten seconds ago.
    private static func world(_ mind: EvilMind, seed: Seed = Seed(11)) throws -> World {
        var plan = World.Plan()
        plan.machines = 6
        var world = World(seed, plan)
        world.run(for: .seconds(5))
        for number in 0..<5 {
            let name = try #require(ServiceName(namespace: "default", name: "s\(number)"))
            let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
            world.declare(name, spec, on: number)
        }
        world.run(for: .seconds(3))
        world.turn(5, into: mind)
        world.run(for: .seconds(10))
        return world
    }

    private static func own(_ view: ClusterView?) -> [ServiceName: [IPAddress]] {
        var found: [ServiceName: [IPAddress]] = [:]
        for service in view?.services ?? [] where service.name.name.hasPrefix("s") {
            found[service.name] = service.addresses
        }
        return found
    }

    /// The mark that shows that a deed was done, where it leaves one.
    private static func evidence(of mischief: Mischief) -> Mark? {
        switch mischief {
        case .forgedRecords, .forgedLeaves: .recordForged
        case .forgedAccusations: .accusationForged
        case .equivocation, .litBits: .faultProven
        case .timeBomb: .recordFuture
        case .replay: .datagramUnsealed
        case .garbage: .datagramMalformed
        case .accusationSpam, .loneAccuser: .refuteSelf
        case .versionBomb, .hoardedClaims, .provisionalSlots, .helloFlood,
            .silentRelay, .lyingRelay, .staleDigest:
            nil
        }
    }

    @Test(arguments: Mischief.allCases)
    func `one bad member takes nothing from the others`(mischief: Mischief) throws {
        var world = try Self.world(EvilMind([mischief]))
        #expect(world.evil == [5])
        #expect(world.meet(), "an honest member was taken for dead")
        for view in world.views() {
            let found = Self.own(view)
            #expect(
                (0..<5).allSatisfy { number in found.keys.contains { $0.name == "s\(number)" } }
            )
        }
        #expect(
            world.views().allSatisfy { view in
                view?.services.allSatisfy { !["forged", "later"].contains($0.name.name) } == true
            }
        )
        if let mark = Self.evidence(of: mischief) {
            #expect(world.count(of: mark) > 0, "no sign of \(mischief.rawValue)")
        }
        let addresses = Self.own(world.machines[0].publication?.view)
        world.kill(5)
        #expect(world.run(atMost: .seconds(20)) { $0.agree() && $0.meet() } != nil)
        #expect(Self.own(world.machines[0].publication?.view) == addresses)
        #expect(world.violations == [])
    }

    @Test
    func `all mischiefs at once do no more`() throws {
        var world = try Self.world(EvilMind(Mischief.allCases, reach: 2))
        #expect(world.meet())
        world.kill(5)
        #expect(world.run(atMost: .seconds(20)) { $0.agree() && $0.meet() } != nil)
        #expect(world.violations == [])
    }

    @Test
    func `a bad member that does nothing bad counts as alive`() throws {
        let world = try Self.world(EvilMind([]))
        let id = world.machines[5].id
        for number in 0..<5 {
            let member = world.machines[number].publication?.members.first { $0.id == id }
            #expect(member?.state == .alive)
        }
    }

    @Test
    func `a stolen key makes its owner take a new start, or fall silent`() throws {
        let world = try Self.world(EvilMind([], stolenKey: 0))
        #expect(
            world.count(of: .incarnationSurpassed) + world.count(of: .identityDuplicate) > 0
        )
    }

    @Test
    func `a machine that turned bad becomes good again`() throws {
        var world = try Self.world(EvilMind([.replay, .staleDigest]))
        world.restart(5)
        #expect(world.evil == [])
        #expect(world.run(atMost: .seconds(20)) { $0.agree() && $0.meet() } != nil)
    }

    @Test
    func `the same seed is bad in the same way`() throws {
        let one = try Self.world(EvilMind(Mischief.allCases)).trace
        let again = try Self.world(EvilMind(Mischief.allCases)).trace
        let other = try Self.world(EvilMind(Mischief.allCases), seed: Seed(12)).trace
        #expect(one.hash == again.hash)
        #expect(one.hash != other.hash)
    }
}
