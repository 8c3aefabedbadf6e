import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary

/// After a heal everything merges by itself, in a time that is stated here.
struct PartitionTests {
    /// Who is dead is dialled each 5 s (± 25 %), and a service that lost its address claims
    /// another one after 2 s, or 5 s where two declare it.
    static let healing = Duration.seconds(12)
    /// When half of all members fall silent at once, relays are of little use and everyone thinks
    /// itself sick for a while.
    static let settling = Duration.seconds(15)

    @Test(arguments: Sweep.seeds(8))
    func `three nodes that were cut in two are one again`(seed: Seed) throws {
        var story = try cut(seed, count: 3)
        settle(&story)
        heal(&story)
    }

    @Test(arguments: Sweep.seeds(4))
    func `ten nodes that were cut in halves are one again`(seed: Seed) throws {
        var story = try cut(seed, count: 10)
        settle(&story)
        heal(&story)
    }

    @Test(arguments: Sweep.seeds(1))
    func `fifty nodes that were cut in halves are one again`(seed: Seed) throws {
        var story = try cut(seed, count: 50)
        // Half dead, half suspected: the cut ends in the middle of it.
        story.world.run(for: .seconds(5))
        heal(&story)
    }

    private func cut(_ seed: Seed, count: Int) throws -> Halves {
        var story = try Halves(seed, count: count)
        try story.meet()
        try story.part()
        return story
    }

    private func settle(_ story: inout Halves) {
        let halves = story.halves
        let time = story.world.run(atMost: Self.settling) { world in
            halves.allSatisfy { world.agree(on: $0) && world.meet($0) }
                && Self.deathsAreKnown(in: world, halves)
        }
        #expect(time != nil, "after \(Self.settling) the halves were not settled")
        let isOne = story.world.agree()
        #expect(!isOne)
    }

    private func heal(_ story: inout Halves) {
        story.world.heal()
        let services = story.services
        let time = story.world.run(atMost: Self.healing) {
            Halves.isWhole($0, services: services)
        }
        #expect(time != nil, "after \(Self.healing) the halves were not one")
        expectOneAddressEach(story.world)

        // And it stays so.
        let digest = story.world.views().first??.digest
        story.world.run(for: .seconds(5))
        let isOne = story.world.agree()
        #expect(isOne)
        #expect(story.world.views().first??.digest == digest)
        #expect(story.world.violations == [])
    }

    /// Whether each half counts the whole other half as dead.
    private static func deathsAreKnown(in world: World, _ halves: [[Int]]) -> Bool {
        world.running.allSatisfy { number in
            let others = halves.first { !$0.contains(number) } ?? []
            let members = world.machines[number].publication?.members ?? []
            return members.count { $0.state == .dead } == others.count
        }
    }

    private func expectOneAddressEach(_ world: World) {
        let services = world.views().first??.services ?? []
        let addresses = services.compactMap(\.clusterIP)
        #expect(addresses.count == services.count)
        #expect(Set(services.flatMap(\.addresses)).count == services.flatMap(\.addresses).count)
        let ports = services.flatMap(\.nodePorts)
        #expect(Set(ports).count == ports.count)
    }

    @Test
    func `some of these halves give one address away twice, so that a loser must move`() throws {
        let doubles = try Sweep.seeds(4).map { seed in
            var story = try Halves(seed, count: 3)
            try story.meet()
            try story.part()
            return story.doubleAllotments
        }
        #expect(doubles.reduce(0, +) > 0)
    }

    @Test(arguments: Sweep.seeds(4))
    func `a service withdrawn in one half does not come back from the other`(seed: Seed) throws {
        var plan = World.Plan()
        plan.machines = 4
        plan.link.lossPerMille = 50
        var world = World(seed, plan)
        let name = try #require(ServiceName(namespace: "default", name: "web"))
        try #require(world.run(atMost: .seconds(6)) { $0.running.count == 4 && $0.meet() } != nil)
        world.declare(name, ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)]), on: 0)
        try #require(
            world.run(atMost: .seconds(3)) {
                $0.views().allSatisfy { $0?.services.count == 1 }
            } != nil
        )
        world.partition([[0, 1], [2, 3]])
        world.run(for: .seconds(1))
        world.command(.withdraw(name), on: 0)
        world.run(for: .seconds(10))
        #expect(world.views(of: [2, 3]).allSatisfy { $0?.services.count == 1 })
        world.heal()
        let time = world.run(atMost: Self.healing) {
            $0.meet() && $0.agree() && $0.views().allSatisfy { $0?.services.isEmpty == true }
        }
        #expect(time != nil)
        world.run(for: .seconds(5))
        #expect(world.views().allSatisfy { $0?.services.isEmpty == true })
    }

    @Test(arguments: Sweep.seeds(4))
    func `nobody dies of one cut link`(seed: Seed) throws {
        var plan = World.Plan()
        plan.machines = 5
        var world = World(seed, plan)
        try #require(world.run(atMost: .seconds(6)) { $0.running.count == 5 && $0.meet() } != nil)
        world.cut(from: 0, to: 1)
        world.cut(from: 1, to: 0)
        for _ in 0..<200 {
            world.run(for: .milliseconds(100))
            #expect(
                world.running.allSatisfy { number in
                    (world.machines[number].publication?.members ?? []).allSatisfy {
                        $0.state != .dead
                    }
                }
            )
        }
    }
}
