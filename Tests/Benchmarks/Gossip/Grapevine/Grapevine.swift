import Gossip
import Membership
import Registry
import Simulation
import Vocabulary
import Wire

/// Our own nodes, the very ones that agents run.
struct Grapevine: Cluster {
    private var world: World
    private let conditions: Conditions
    private let observer: Observer
    /// How often each machine wrote.
    private var writes: [Int: UInt16] = [:]

    /// What every node of every world sent since this program began.
    nonisolated(unsafe) static var tally = (count: 0, longest: 0)

    var now: Instant { world.now }
    var ledger: Ledger { observer.ledger }

    /// Machines that know each other from their disks, where `isWarm`.
    private init(
        _ conditions: Conditions,
        seeds: Int,
        isWarm: Bool = false,
        _ examiner: Examiner? = nil
    ) {
        var plan = World.Plan()
        plan.machines = conditions.machines
        plan.seeds = seeds
        plan.isWarm = isWarm
        plan.seals = conditions.machines > 100 ? .plain : .real
        plan.link = Self.link(conditions, lossPerMille: 0)
        plan.signatures = examiner.map { .by($0.check) } ?? .remembered
        self.conditions = conditions
        world = World(conditions.seed, plan)
        observer = Observer(world, examiner)
        world.inspector = observer
    }

    static func starting(_ conditions: Conditions) -> Grapevine {
        Grapevine(conditions, seeds: 1)
    }

    static func settled(_ conditions: Conditions) -> Grapevine? {
        settled(conditions, nil)
    }

    /// The same, and somebody looks at every check of a signature.
    static func settled(_ conditions: Conditions, _ examiner: Examiner?) -> Grapevine? {
        var cluster = Grapevine(conditions, seeds: 3, isWarm: examiner == nil, examiner)
        guard cluster.run(atMost: .seconds(60), until: \.hasSettled) != nil else { return nil }
        cluster.world.setModel(link(conditions, lossPerMille: conditions.lossPerMille))
        cluster.run(for: .seconds(10))
        cluster.ledger.empty()
        return cluster
    }

    private var hasSettled: Bool {
        world.running.count == world.machines.count && allMeet && allEqual
    }

    mutating func run(for time: Duration) { world.run(for: time) }

    // MARK: News

    mutating func prepare(writer machine: Int) {
        world.declare(Self.service(of: machine), Self.spec, on: machine)
        offer(on: machine)
    }

    mutating func write(on machine: Int) {
        offer(on: machine)
        // A machine that starts may not sign yet.
        guard let record = latestOffer(of: machine) else { return }
        observer.watch(record, of: machine, in: world)
    }

    private mutating func offer(on machine: Int) {
        let turn = writes[machine, default: 0]
        writes[machine] = turn + 1
        let address = IPAddress.v4(0x6440_0001 + UInt32(machine) << 8)
        let set = EndpointSet(
            service: Self.service(of: machine),
            ports: [EndpointPort(port: 1024 + turn)],
            endpoints: [Endpoint(address: address)]
        )
        world.command(.offer(set), on: machine)
    }

    private func latestOffer(of machine: Int) -> Record? {
        let own = world.machines[machine].node?.registry.records(of: world.machines[machine].id)
        return own?.filter { $0.header.kind == .endpoints }
            .max { $0.header.sequence < $1.header.sequence }
    }

    private static let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    private static func service(of machine: Int) -> ServiceName {
        guard let name = ServiceName(namespace: "bench", name: "web-\(machine)") else {
            preconditionFailure("machine \(machine) has no name for a service")
        }
        return name
    }

    // MARK: Faults

    mutating func kill(_ machine: Int) {
        world.kill(machine)
        ledger.fall(machine)
    }

    mutating func restart(_ machine: Int) { world.restart(machine) }

    mutating func partition(_ groups: [[Int]]) { world.partition(groups) }

    mutating func heal() { world.heal() }

    mutating func pause(_ machine: Int) { world.pause(machine) }

    mutating func resume(_ machine: Int) { world.resume(machine) }

    mutating func setLoss(of machine: Int, perMille: Int) {
        let model = Self.link(conditions, lossPerMille: perMille)
        for other in world.machines.indices where other != machine {
            world.setModel(model, from: machine, to: other)
            world.setModel(model, from: other, to: machine)
        }
    }

    private static func link(_ conditions: Conditions, lossPerMille: Int) -> LinkModel {
        LinkModel(latency: conditions.latency, jitter: .zero, lossPerMille: lossPerMille)
    }

    /// Lets the observer open datagrams to see what they carry, which takes time.
    mutating func openDatagrams(_ opens: Bool) { observer.opens = opens }

    // MARK: What is seen

    var allMeet: Bool { world.meet() }

    var allEqual: Bool {
        let running = world.running
        guard let first = running.first.flatMap({ root(of: $0) }) else { return false }
        return running.allSatisfy { root(of: $0) == first }
    }

    /// What a machine's node holds, as a number.
    private func root(of machine: Int) -> StoreDigest? {
        world.machines[machine].node.map { StoreDigest(of: $0.registry, at: Authority.beginning) }
    }
}
