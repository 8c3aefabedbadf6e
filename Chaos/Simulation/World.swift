package import Gossip
package import Registry
package import Vocabulary
package import Wire

/// A cluster in one thread and virtual time: it runs the very nodes that agents run, on machines
/// and links that follow from a seed.
///
/// Whatever happens depends on the seed, the plan and the calls made, and on nothing else.
package struct World {
    package let seed: Seed
    package let plan: Plan
    package let authority: Authority
    /// The world's time; a machine's monotonic clock shows it until something is said of that.
    package internal(set) var now = Instant.zero
    package internal(set) var machines: [Machine] = []
    package internal(set) var trace = Trace()
    /// What must never be and was, in order; the first `maximumViolations` of it.
    package internal(set) var violations: [Violation] = []
    /// Told of everything that can be seen from outside, as it happens.
    package var witness: ((Instant, Sight) -> Void)?
    /// Looks at the whole world after each event of a machine's node, and at what the node asked
    /// for.
    package var inspector: (any Inspector)?

    var agenda: Agenda
    /// Which machine is at an address.
    package internal(set) var places: [PeerAddress: Int] = [:]
    var fabric: Fabric
    /// The rare states that nodes and machines reached.
    var reached: [Mark: Int] = [:]
    /// Views that were found sound lately, on whatever machine: equal digests are of equal views.
    var soundViews: [ViewDigest] = []
    let seals: Seals
    let check: SignatureCheck
    let reader: RecordReader
    var tickets: UInt64 = 0

    static let maximumViolations = 100
    static let maximumSoundViews = 8
    /// More than the nodes of a world of ten thousand have at one moment.
    static let maximumRecordsRemembered = 131_072

    /// What a world begins with.
    package struct Plan {
        package var machines = 3
        /// How many machines, from the first on, everyone is told of.
        package var seeds = 3
        package var link = LinkModel()
        /// In which zone each machine is; those without one are in zone 0.
        package var zones: [Int] = []
        /// What a datagram takes more from one zone to another; nothing where it is not said.
        package var latencies: [[Duration]] = []
        package var settings = NodeSettings()
        package var serviceCIDR = Authority.usualServiceCIDR
        package var nodePorts: ClosedRange<UInt16> = 30000...32767
        /// Nodes start at drawn moments within this time.
        package var startSpread = Duration.seconds(1)
        /// How long an incarnation takes to become durable, before what chance doubles.
        package var syncTime = Duration.zero
        /// How long a machine takes for each datagram and alarm.
        package var serviceTime = Duration.zero
        /// How many bytes of datagrams wait for a process that is paused or busy, those the kernel
        /// needs itself among them: what Linux grants by default.
        package var receiveBuffer = 212_992

        /// How signatures are checked.
        package var signatures = Signatures.bySeed
        /// Whether all nodes start at once and know each other already.
        ///
        /// Their disks do not: a node that is started anew asks its peers.
        package var isWarm = false
        /// Whether disks keep what nodes learn of others; a world of thousands of nodes that are
        /// not started anew does without.
        package var keepsOthers = true
        /// How packets are sealed: plainly where thousands of nodes would take too long; `nil`
        /// leaves it to the seed: truly in one world of twenty, with derived keys in the others.
        package var seals: Seals?

        package init() {}
    }

    /// How signatures are checked.
    package enum Signatures {
        /// Each one anew in one world of twenty, from memory in the others.
        case bySeed
        case remembered, checked
        /// By somebody who counts them.
        case by(SignatureCheck)

        fileprivate func check(in seed: Seed) -> SignatureCheck {
            switch self {
            case .bySeed: seed.value % 20 == 0 ? .real : SignatureMemory().check
            case .remembered: SignatureMemory().check
            case .checked: .real
            case .by(let check): check
            }
        }

        /// Whoever checks each signature anew reads each record anew, too.
        fileprivate func reader(in seed: Seed) -> RecordReader {
            switch self {
            case .bySeed where seed.value % 20 == 0, .checked: .real
            case .bySeed, .remembered, .by: .remembering(World.maximumRecordsRemembered)
            }
        }
    }

    package init(_ seed: Seed, _ plan: Plan = Plan()) {
        self.seed = seed
        self.plan = plan
        authority = Authority(seed, serviceCIDR: plan.serviceCIDR, nodePorts: plan.nodePorts)
        agenda = Agenda(seed)
        fabric = Fabric(seed, plan)
        seals = plan.seals ?? (seed.value % 20 == 0 ? .real : .derived)
        check = plan.signatures.check(in: seed)
        reader = plan.signatures.reader(in: seed)
        let seeds = (0..<min(plan.seeds, plan.machines)).map(Authority.address)
        for number in 0..<plan.machines {
            var random = RandomStream(seed, "spread", UInt64(number))
            let spread = plan.isWarm ? .zero : plan.startSpread
            add(seeds: seeds, startingIn: random.duration(below: spread))
        }
        if plan.isWarm { acquaint() }
    }

    /// Starts all nodes and lets them know each other.
    private mutating func acquaint() {
        run(until: now)
        var nodes: [GossipNode] = []
        var numbers: [Int] = []
        for number in machines.indices {
            guard let node = machines[number].node else { continue }
            machines[number].node = nil
            nodes.append(node)
            numbers.append(number)
        }
        GossipNode.acquaint(&nodes, at: now)
        for (number, node) in zip(numbers, nodes) {
            machines[number].node = node
            setAlarm(of: number)
        }
    }

    /// Adds a machine, whose node starts after a while.
    ///
    /// - Parameters:
    ///   - seeds: Whom it dials first.
    ///   - delay: How long after now it starts.
    ///   - change: What its certificate has different from the usual one.
    /// - Returns: Its number.
    @discardableResult
    package mutating func add(
        seeds: [PeerAddress],
        startingIn delay: Duration = .zero,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) -> Int {
        let number = machines.count
        let machine = Machine(
            number: number,
            keyNumber: number,
            certificate: authority.certificate(of: number, change: change),
            address: Authority.address(of: number),
            seeds: seeds.filter { $0 != Authority.address(of: number) }
        )
        machines.append(machine)
        places[machine.address] = number
        agenda.set(.start(machine: number), at: now + delay)
        return number
    }
}

/// Somebody who sees all that happens in a world, inside the nodes too.
package protocol Inspector: AnyObject {
    /// A machine's node took an event, and this is what it did about it.
    func look(_ world: World, _ machine: Int, _ event: Event, _ effects: [Effect])
}

/// Something that can be seen from outside the nodes.
package enum Sight: Sendable {
    /// A datagram leaves a machine; `copies` of it will arrive.
    case sent(from: Int, to: Int?, [UInt8], copies: Int)
    case started(Int)
    case stopped(Int)
    case published(Int, Publication)
    case reported(Int, Incident)
    case answered(Int, Outcome)
}
