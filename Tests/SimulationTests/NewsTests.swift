import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// How fast news is everywhere, and what that costs, in worlds of some dozens.
struct NewsTests {
    private let spec = ServiceSpec(
        type: .clusterIP,
        ports: [ServicePort(port: 80)],
        addressRequest: .headless
    )

    private func town(_ seed: Seed, _ count: Int, loss: Int = 0) throws -> World {
        var plan = World.Plan()
        plan.machines = count
        plan.seeds = 1
        plan.link.lossPerMille = loss
        plan.signatures = .remembered
        var world = World(seed, plan)
        let time = world.run(atMost: .seconds(10)) { $0.running.count == count && $0.meet() }
        try #require(time != nil, "\(count) nodes did not meet in 10 s")
        world.run(for: .seconds(3))
        return world
    }

    private func declare(_ count: Int, on machine: Int, _ world: inout World) {
        let wishes = (0..<count)
            .compactMap { ServiceName(namespace: "default", name: "s\(machine)-\($0)") }
            .map { Command.declare($0, spec, takeOwnership: false) }
        world.command(.together(wishes), on: machine)
    }

    private static func areEqual(_ world: World) -> Bool {
        let roots = world.running.compactMap { world.machines[$0].node?.registry }
            .map { [$0.control.hash, $0.data.hash] }
        return roots.allSatisfy { $0 == roots.first }
    }

    @Test(arguments: [(loss: 0, limit: 70), (loss: 200, limit: 1000)])
    func `one record is everywhere within 70 ms, and within a second where each fifth is lost`(
        loss: Int,
        limit: Int
    ) throws {
        var world = try town(Seed(1), 40, loss: loss)
        let author = world.machines[7].id
        declare(1, on: 7, &world)
        world.run(for: .milliseconds(limit))
        let lacking = world.running.count { number in
            world.machines[number].node?.registry.records(of: author).isEmpty == true
        }
        #expect(lacking == 0)
    }

    private final class Tally {
        var packets: [(bytes: [UInt8], from: Int, to: Int)] = []
    }

    @Test func `one record costs a node at most four payloads and five ids`() throws {
        var world = try town(Seed(2), 40)
        let tally = Tally()
        world.witness = { _, sight in
            if case .sent(let from, let to?, let bytes, _) = sight {
                tally.packets.append((bytes, from, to))
            }
        }
        declare(1, on: 7, &world)
        world.run(for: .milliseconds(200))
        let record = try #require(
            world.machines[7].node?.registry.records(of: world.machines[7].id).last
        )
        var payloads = 0
        var ids = 0
        for (bytes, from, to) in tally.packets {
            for frame in world.open(bytes, from: from, to: to)?.frames ?? [] {
                switch frame {
                case .news(record.bytes), .repair(record.bytes): payloads += 1
                case .have(let items): ids += items.count { $0.key == record.key.trieKey }
                default: break
                }
            }
        }
        #expect(payloads >= 39)
        #expect(payloads <= 4 * 40)
        #expect(ids <= 5 * 40)
    }

    @Test func `a thousand records of one node reach all, and no queue grows without end`() throws {
        var world = try town(Seed(3), 12)
        declare(1000, on: 3, &world)
        var longest = 0
        for _ in 0..<40 {
            world.run(for: .milliseconds(50))
            let lengths = world.machines.compactMap { $0.node?.queueLengths }
            longest = max(longest, lengths.map { $0.frames }.max() ?? 0)
        }
        world.run(for: .seconds(2))
        #expect(Self.areEqual(world))
        #expect(longest < 2000)
        let dropped = world.machines.count { $0.count(of: .queueFull) > 0 }
        #expect(dropped == 0)
    }

    @Test func `a newcomer pulls what there is from several members at once`() throws {
        var world = try town(Seed(4), 8)
        for machine in 0..<8 { declare(200, on: machine, &world) }
        world.run(for: .seconds(4))
        #expect(Self.areEqual(world))
        let before = world.machines.map(\.traffic.bytesSent)
        let number = world.add(seeds: [world.machines[0].address])
        let time = world.run(atMost: .seconds(8)) { world in
            world.machines[number].publication?.phase == .working && Self.areEqual(world)
        }
        #expect(time != nil)
        let sent = (0..<8).map { world.machines[$0].traffic.bytesSent - before[$0] }
        // All of it is 400 KB.
        let givers = sent.count { $0 > 40_000 }
        #expect(givers >= 3)
        #expect(sent.reduce(0, +) < 1_200_000)
    }

    @Test func `halves that both changed are equal within five seconds, for twice the difference`()
        throws
    {
        var world = try town(Seed(5), 20)
        for machine in 0..<20 { declare(40, on: machine, &world) }
        world.run(for: .seconds(4))
        world.partition([Array(0..<10), Array(10..<20)])
        world.run(for: .seconds(1))
        // Records of a usual length: 300 bytes.
        let long = ServiceSpec(
            type: .clusterIP,
            ports: [ServicePort(port: 80)],
            addressRequest: .headless,
            annotations: [KeyValue("note", String(repeating: "long ", count: 28))]
        )
        for machine in [0, 5, 10, 15] {
            let wishes = (100..<300)
                .compactMap { ServiceName(namespace: "default", name: "s\(machine)-\($0)") }
                .map { Command.declare($0, long, takeOwnership: false) }
            world.command(.together(wishes), on: machine)
        }
        world.run(for: .seconds(20))
        let before = world.machines.map(\.traffic.bytesSent).reduce(0, +)
        world.heal()
        let time = world.run(atMost: .seconds(5)) { $0.meet() && Self.areEqual($0) }
        #expect(time != nil)
        let bytes = world.machines.map(\.traffic.bytesSent).reduce(0, +) - before
        // Each node lacks 400 records of the other half, and all HEADs, which refute.
        let registry = try #require(world.machines[0].node?.registry)
        let record = try #require(registry.records(of: world.machines[0].id).last)
        let head = try #require(registry.shelf(of: world.machines[0].id)?.head)
        let difference = 400 * record.bytes.count + 20 * head.bytes.count
        #expect(bytes <= 2 * 20 * difference)
    }
}
