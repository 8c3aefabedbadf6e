import BenchWorld
import Glibc
import Gossip
import Membership
import Registry
import Simulation
import Vocabulary
import Wire

/// A world of many nodes with default settings, and what it costs to run it.
struct Village {
    private var world: World
    private let nodes: Int
    private let residentBefore: Int
    private var changes = 0

    private static let plainFrom = 2000

    /// A village whose nodes have met, or that begins when they have.
    init(nodes: Int, isWarm: Bool) {
        self.nodes = nodes
        residentBefore = residentBytes()
        var plan = World.Plan()
        plan.machines = nodes
        plan.isWarm = isWarm
        // As large worlds do it; below that everything is as real as can be.
        if nodes >= Self.plainFrom {
            plan.seals = .plain
            plan.keepsOthers = false
        }
        world = World(Seed(1), plan)
        let start = Meter(world)
        let joined = world.run(atMost: .seconds(120)) { world in
            world.running.count == nodes && Self.meet(world)
        }
        guard let joined else { fatalError("\(nodes) nodes did not meet within two minutes") }
        start.show("until all see all", world)
        Figure.told("virtual time until all see all", "s", is: joined.seconds).show()
        // Some services, so that a view is more than nodes.
        for _ in 0..<20 { change() }
        world.run(for: .seconds(5))
    }

    /// Lets virtual seconds pass, with one change in each.
    mutating func idle(seconds: Int) {
        let meter = Meter(world)
        for second in 0..<seconds {
            if second % 10 == 0 { change() }
            world.run(for: .seconds(1))
        }
        meter.show("with a change each 10 s", world)
        showMemory()
        // Whatever makes it faster leaves this as it was.
        print("  trace of \(world.trace.events) events: \(String(world.trace.hash, radix: 16))")
    }

    /// Lets virtual seconds pass in which nobody wants anything, and tells what is said.
    mutating func listen(seconds: Int) {
        world.run(for: .seconds(30))
        let chatter = Chatter()
        var packets: [(from: Int, to: Int, bytes: [UInt8])] = []
        world.witness = { _, sight in
            guard case .sent(let from, let to, let bytes, _) = sight, let to else { return }
            packets.append((from, to, bytes))
        }
        for _ in 0..<seconds {
            world.run(for: .seconds(1))
            for (from, to, bytes) in packets {
                chatter.hear(world.open(bytes, from: from, to: to), length: bytes.count)
            }
            packets.removeAll()
        }
        chatter.show(nodes: nodes, seconds: seconds)
    }

    /// Cuts the last machines off, waits until both sides count each other dead, and heals.
    mutating func cut(rack: Int) {
        let inside = Array(nodes - rack..<nodes)
        let outside = Array(0..<nodes - rack)
        world.partition([outside, inside])
        let meter = Meter(world)
        for second in 1...30 {
            world.run(for: .seconds(1))
            if second % 5 == 0 { meter.show("cut for \(second) s", world) }
        }
        let refuted = world.count(of: .refuteSelf)
        let names = inside.map { world.machines[$0].id }
        var living = 0
        for machine in outside {
            guard let table = world.machines[machine].publication?.table else { continue }
            for name in names where table.state(of: name) != .dead { living += 1 }
        }
        Figure.told("cut off and not dead to somebody outside, pairs", "", is: Double(living))
            .show()
        world.heal()
        let heal = Meter(world)
        var ticks = 0
        let healed = world.run(atMost: .seconds(60)) { world in
            ticks += 1
            if ticks % 10 == 0 { heal.show("healed for \(ticks / 10) s", world) }
            return Self.meet(world)
        }
        heal.show("until all see all again", world)
        let refutations = Double(world.count(of: .refuteSelf) - refuted)
        Figure.told("nodes that refuted", "", is: refutations).show()
        Figure.told("virtual time of the heal", "s", is: healed?.seconds ?? .infinity).show()
        showMemory()
    }

    /// Whether each node sees all others alive, by their number: there is nobody else.
    private static func meet(_ world: World) -> Bool {
        let others = world.machines.count - 1
        // By their places: to look at whole machines would copy them.
        return world.machines.indices.allSatisfy {
            world.machines[$0].publication?.table.aliveCount == others
        }
    }

    /// One node declares a service, or changes it.
    private mutating func change() {
        changes += 1
        let port = UInt16(1024 + changes % 60_000)
        guard let name = ServiceName(namespace: "default", name: "web-\(changes % 20)") else {
            fatalError("no name of a service")
        }
        let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: port)])
        world.declare(name, spec, on: changes % 20 % nodes)
    }

    private func showMemory() {
        let grown = Double(residentBytes() - residentBefore)
        Figure.told("resident memory", "MB", is: grown / 1_000_000).show()
        Figure.told("bytes of a pair of nodes", "B", is: grown / Double(nodes * nodes)).show()
    }
}

/// What a stretch of a world costs, from when it is made.
struct Meter {
    private let began = threadTime()
    private let now: Instant
    private let events: Int
    private let packets: Int

    init(_ world: World) {
        now = world.now
        events = world.trace.events
        packets = Self.packets(of: world)
    }

    func show(_ what: String, _ world: World) {
        let spent = Double(threadTime() - began) / 1_000_000_000
        let passed = (world.now - now).seconds
        let events = Double(world.trace.events - events)
        let packets = Double(Self.packets(of: world) - packets)
        let rate = packets / passed / Double(world.machines.count)
        Figure.told("\(what): real time", "x", is: passed / spent, limit: "\(spent) s").show()
        Figure.told("\(what): events a second", "", is: events / spent).show()
        Figure.told("\(what): packets a node and virtual second", "", is: rate).show()
        Figure.told("\(what): resident", "MB", is: Double(residentBytes()) / 1_000_000).show()
        // Runs of minutes tell how far they are.
        fflush(nil)
    }

    private static func packets(of world: World) -> Int {
        world.machines.reduce(0) { $0 + $1.traffic.packetsSent }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(wholeMilliseconds) / 1000 }
}
