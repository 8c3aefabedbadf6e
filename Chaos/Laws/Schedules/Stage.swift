import Gossip
import Registry
package import Simulation
package import Vocabulary

/// Plays a schedule in a world of real nodes, and remembers what each node's people were promised.
package struct Stage {
    package let schedule: Schedule
    package internal(set) var world: World
    package let auditor: Auditor
    /// By machine: what its disk must hold.
    var promises: [Promises] = []
    private var copies: [Int: (disk: DiskSnapshot, promises: Promises)] = [:]
    /// Machines that were only twins: they do not come back.
    var twins: Set<Int> = []
    private var random: RandomStream

    /// How far the world has come.
    package var now: Instant { world.now }

    /// What one node's people were told is done.
    struct Promises: Hashable, Sendable {
        var wishes: [ServiceName: ServiceSpec] = [:]
        var offers: [ServiceName: EndpointSet] = [:]
    }

    /// - Parameters:
    ///   - schedule: What is to happen.
    ///   - keepsDiary: Whether the last events are written down, for a reader.
    package init(_ schedule: Schedule, keepsDiary: Bool = false) {
        let traits = schedule.traits
        var plan = World.Plan()
        plan.machines = traits.machines
        plan.link.lossPerMille = traits.lossPerMille
        plan.link.duplicatesPerMille = traits.duplicatesPerMille
        plan.link.jitter = .milliseconds(5)
        plan.syncTime = traits.hasSlowDisks ? .milliseconds(300) : .zero
        if traits.isCramped { plan.serviceCIDR = Self.crampedRange }
        if traits.drainsSoon { plan.settings.drainTime = .seconds(3) }
        self.schedule = schedule
        world = World(schedule.seed, plan)
        auditor = Auditor(keepsDiary: keepsDiary)
        promises = Array(repeating: Promises(), count: traits.machines)
        random = RandomStream(schedule.seed, "stage")
        auditor.attend(&world)
    }

    /// Thirteen places, of which two are kept back.
    private static let crampedRange: CIDR = {
        guard let range = CIDR(holding: .v4(0x0a60_0000), prefixLength: 28) else {
            preconditionFailure("10.96.0.0/28 is no range")
        }
        return range
    }()

    /// Plays everything and the end after it.
    ///
    /// - Returns: What did not hold, in the order in which it was seen.
    package mutating func play() -> [Breach] {
        world.run(for: .seconds(2))
        for step in schedule.steps where auditor.breaches.isEmpty { take(step) }
        if auditor.breaches.isEmpty { finish() }
        for violation in world.violations {
            let invariant: Invariant =
                switch violation.kind {
                case .oversizedDatagram: .cost
                case .sharedAddress: .ownership
                case .restless: .silence
                }
            auditor.note(invariant, "\(violation.kind)")
        }
        return auditor.breaches
    }

    /// Lets one step happen.
    private mutating func take(_ step: Schedule.Step) {
        switch step {
        case .wait(let time): world.run(for: time)
        case .declare(let machine, let service, let shape, let takesOver):
            declare(Self.name(service), spec(shape), takesOver, on: machine)
        case .withdraw(let machine, let service):
            let name = Self.name(service)
            if case .withdrawn? = world.command(.withdraw(name), on: machine) {
                promises[machine].wishes[name] = nil
            }
        case .offer(let machine, let service, let count):
            let set = EndpointSet(
                service: Self.name(service),
                ports: [EndpointPort(port: 8080)],
                endpoints: (0..<count).map { number in
                    let own = UInt32(world.machines[machine].keyNumber)
                    let place = UInt32(1 + 10 * service + number)
                    return Endpoint(address: .v4(0x6440_0000 + own << 8 + place))
                }
            )
            if case .offered? = world.command(.offer(set), on: machine) {
                promises[machine].offers[set.service] = set
            }
        case .retire(let machine, let service):
            let name = Self.name(service)
            if case .withdrawn? = world.command(.retire(name, slice: ""), on: machine) {
                promises[machine].offers[name] = nil
            }
        case .part(let side):
            world.partition([side, world.machines.indices.filter { !side.contains($0) }])
        case .deafen(let from, let to): world.cut(from: from, to: to)
        case .mend: world.heal()
        case .kill(let machine): world.kill(machine)
        case .start(let machine): start(machine)
        case .copyDisk(let machine):
            copies[machine] = (world.snapshotDisk(of: machine), promises[machine])
        case .restoreDisk(let machine):
            guard let copy = copies[machine] else { return }
            world.kill(machine)
            world.restoreDisk(of: machine, from: copy.disk)
            promises[machine] = copy.promises
            start(machine)
        case .wipeDisk(let machine):
            world.kill(machine)
            world.wipeDisk(of: machine)
            promises[machine] = Promises()
            start(machine)
        case .haunt(let machine, let count):
            world.kill(machine)
            let old = random.sample(count, of: auditor.signed)
            world.plant(old, onDiskOf: machine)
            start(machine)
        case .replay(let count): replay(count)
        case .clock(let machine, let ahead):
            world.setClock(of: machine, ahead: .seconds(ahead))
        case .leave(let machine):
            world.command(.leave, on: machine)
            // As long as it takes to drain and to say so.
            world.run(for: .milliseconds(2500))
            world.kill(machine)
        case .twin(let machine):
            guard twins.isEmpty else { return }
            twins.insert(world.addTwin(of: machine, from: world.snapshotDisk(of: machine)))
            promises.append(promises[machine])
        }
    }

    private mutating func start(_ machine: Int) {
        guard !world.machines[machine].isRunning else { return }
        world.restart(machine)
    }

    private mutating func declare(
        _ name: ServiceName,
        _ spec: ServiceSpec,
        _ takesOver: Bool,
        on machine: Int
    ) {
        let outcome = world.command(.declare(name, spec, takeOwnership: takesOver), on: machine)
        guard case .declared(let change, let view)? = outcome else { return }
        promises[machine].wishes[name] = spec
        // Here there is always room (invariant 22).
        let isNew = change == .created && view.spec == spec
        if isNew, spec.addressRequest == .any, !schedule.traits.isCramped, view.clusterIP == nil,
            view.declaredBy.count == 1
        {
            auditor.note(.promptness, "\(name) is declared on \(machine) and has no address")
        }
    }

    private mutating func replay(_ count: Int) {
        for _ in 0..<count {
            guard let (bytes, from, to) = random.pick(auditor.datagrams) else { return }
            let target = random.chance(1, in: 4) ? random.below(world.machines.count) : to
            world.replay(bytes, to: target, from: world.machines[from].address)
        }
    }

    // MARK: What is wished for

    static func name(_ service: Int) -> ServiceName {
        guard let name = ServiceName(namespace: "default", name: "s\(service)") else {
            preconditionFailure("s\(service) is no name")
        }
        return name
    }

    private func spec(_ shape: Schedule.Shape) -> ServiceSpec {
        switch shape {
        case .plain: ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
        case .otherPort: ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 81)])
        case .nodePort: ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])
        case .headless:
            ServiceSpec(
                type: .clusterIP,
                ports: [ServicePort(port: 80)],
                addressRequest: .headless
            )
        case .fixed(let offset):
            ServiceSpec(
                type: .clusterIP,
                ports: [ServicePort(port: 80)],
                addressRequest: .fixed(.v4(0x0a60_0000 + UInt32(offset)))
            )
        }
    }
}
