import Gossip
import Registry
import Testing
import Vocabulary
import Wire

@testable import Simulation

/// The world keeps its own laws; what it would hide, no other test could see.
struct WorldTests {
    @Test
    func `an agenda gives what it was given, earliest first`() {
        var random = RandomStream(Seed(1), "test")
        var agenda = Agenda(Seed(1))
        let times = (0..<500).map { _ in Instant(nanoseconds: Int64(random.below(100))) }
        for (number, time) in times.enumerated() { agenda.set(.start(machine: number), at: time) }
        var seen: [Instant] = []
        var machines: Set<Int> = []
        while agenda.nextTime < .never {
            seen.append(agenda.nextTime)
            if case .start(let machine)? = agenda.next() { machines.insert(machine) }
        }
        #expect(seen == times.sorted())
        #expect(machines.count == 500)
    }

    @Test
    func `what happens at one moment happens in drawn order`() {
        func order(_ seed: Seed) -> [Int] {
            var agenda = Agenda(seed)
            for machine in 0..<20 { agenda.set(.start(machine: machine), at: .zero) }
            var order: [Int] = []
            while case .start(let machine)? = agenda.next() { order.append(machine) }
            return order
        }
        #expect(order(Seed(1)) == order(Seed(1)))
        #expect(order(Seed(1)) != order(Seed(2)))
        #expect(order(Seed(1)) != Array(0..<20))
    }

    @Test
    func `a cut keeps datagrams from passing one way and not the other`() {
        var world = World(Seed(1))
        var passed: Set<[Int]> = []
        let log = Log()
        world.witness = { log.sights.append($1) }
        world.cut(from: 0, to: 1)
        world.run(for: .seconds(5))
        for case .sent(let from, let target?, _, let copies) in log.sights where copies > 0 {
            passed.insert([from, target])
        }
        #expect(!passed.contains([0, 1]))
        #expect(passed.contains([1, 0]))
        #expect(passed.contains([0, 2]))
    }

    @Test
    func `a node that is down neither hears nor speaks`() {
        var world = World(Seed(1))
        world.run(for: .seconds(3))
        world.kill(2)
        let before = world.machines[2].traffic
        world.run(for: .seconds(3))
        #expect(world.machines[2].traffic == before)
        #expect(world.command(.leave, on: 2) == nil)
        #expect(before.packetsSent > 0)
    }

    @Test
    func `a view with one address for two services is noticed`() throws {
        var world = World(Seed(1))
        world.run(for: .seconds(2))
        let publication = try #require(world.machines[0].publication)
        let address = try #require(IPAddress("10.96.0.20"))
        let services = try ["one", "two"].map { text in
            let name = try #require(ServiceName(namespace: "default", name: text))
            return ServiceView(
                name: name,
                id: ServiceID(of: name, in: publication.view.cluster),
                spec: ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)]),
                clusterIP: address,
                nodePorts: [nil],
                endpoints: []
            )
        }
        let view = ClusterView(
            cluster: publication.view.cluster,
            clusterName: "test",
            ranges: publication.view.ranges,
            services: services,
            nodes: []
        )
        #expect(world.violations == [])
        world.examine(view, of: 0)
        #expect(
            world.violations.map(\.kind)
                == [.sharedAddress(address, services[0].name, services[1].name)]
        )
    }

    @Test
    func `a datagram above the limit is noticed`() {
        var world = World(Seed(1))
        world.examine([UInt8](repeating: 0, count: Datagram.maximumLength), of: 0)
        #expect(world.violations == [])
        world.examine([UInt8](repeating: 0, count: Datagram.maximumLength + 1), of: 0)
        #expect(world.violations.map(\.kind) == [.oversizedDatagram(Datagram.maximumLength + 1)])
    }

    private final class Log {
        var sights: [Sight] = []
    }
}
