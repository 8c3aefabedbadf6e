import Gossip
import Laws
import Registry
package import Simulation
import Vocabulary

/// Plays a plan in a world of real nodes, looks at it while it lasts, and tells what came of it.
package struct Play {
    package let plan: RunPlan
    package internal(set) var world: World
    let ledger = Ledger()
    /// Watches small worlds without liars: it judges by the laws of the registry.
    private(set) var auditor: Auditor?
    var faults: [ActiveFault] = []
    var complaints: [Complaint] = []
    var promises: [Int: Promises] = [:]
    var measures = Measures()
    var story = Story()
    var cues: [Cue] = []
    /// Milliseconds.
    var now = 0
    /// Those whom nothing excuses for being taken for dead, once this time is over.
    var excusedUntil: [Int: Int] = [:]
    var copies: [Int: DiskCopy] = [:]
    var numbers: [NodeID: Int] = [:]
    var referee = Referee()

    /// More nodes than these, and the auditor takes too long.
    private static let largestAudited = 20
    /// It takes ten times as long as all else, so it looks at one seed of so many.
    private static let seedsPerAudit: UInt64 = 20
    static let tick = 100
    /// So long what a fault did may still show.
    static let grace = 15_000

    /// What one node's people were told is done.
    struct Promises {
        var wishes: Set<String> = []
        var offers: [String: Int] = [:]
        /// Its disk lost something: nobody knows which of its wishes are left.
        var isUncertain = false
    }

    struct DiskCopy {
        let snapshot: DiskSnapshot
        let promises: Promises
    }

    /// Something that is due.
    struct Cue {
        let at: Int
        let what: What

        enum What {
            case operation(Int)
            case begin(PlannedFault)
            case end(Int)
            case restart(Int, fault: Int)
            case stop(Int)
            /// Another machine is let out of the groups of a cut.
            case rejoin(fault: Int, step: Int)
            case settle, quiet
        }
    }

    /// A plan that cannot be played, with words.
    package struct Impossible: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - plan: What will happen.
    ///   - isAudited: Whether the auditor looks at it; by the seed where it is `nil`. It changes
    ///     nothing.
    ///   - keepsDiary: Whether the last events are written down, for a reader.
    ///   - inspector: Looks at every event in the auditor's place.
    /// - Throws: Where the plan was made for another program.
    package init(
        _ plan: RunPlan,
        isAudited: Bool? = nil,
        keepsDiary: Bool = false,
        inspector: (any Inspector)? = nil
    ) throws(Impossible) {
        guard plan.version == 1 else {
            throw Impossible(description: "a plan of version \(plan.version) is not known here")
        }
        self.plan = plan
        var setup = World.Plan()
        setup.machines = 0
        setup.link = LinkModel(plan.link, over: LinkModel())
        for setting in plan.settings where !setting.apply(to: &setup.settings) {
            throw Impossible(description: "the plan sets \(setting.name), which is not known here")
        }
        if let latency = plan.latencyBetweenZones {
            setup.zones = plan.machines.map(\.zone)
            let count = 1 + (setup.zones.max() ?? 0)
            setup.latencies = (0..<count).map { here in
                (0..<count).map { $0 == here ? .zero : .microseconds(latency) }
            }
        }
        world = World(Seed(plan.seed), setup)
        for machine in plan.machines { add(machine) }
        if let inspector {
            world.inspector = inspector
        } else if plan.machines.count <= Self.largestAudited, plan.isHonest,
            plan.expect.checks.contains(.laws),
            isAudited ?? (plan.seed % Self.seedsPerAudit == 0)
        {
            let auditor = Auditor(keepsDiary: keepsDiary)
            auditor.attend(&world)
            self.auditor = auditor
        }
        let ledger = ledger
        world.witness = { now, sight in ledger.see(now, sight) }
        schedule()
    }

    @discardableResult
    mutating func add(_ machine: RunPlan.PlannedMachine) -> Int {
        let number = world.add(
            seeds: machine.seeds.map(Authority.address),
            startingIn: .milliseconds(machine.start)
        )
        numbers[world.machines[number].id] = number
        return number
    }

    private mutating func schedule() {
        for (index, operation) in plan.operations.enumerated() {
            cues.append(Cue(at: operation.at, what: .operation(index)))
        }
        for fault in plan.faults {
            switch fault.begin {
            case .start: begin(fault)
            case .at(let time): cues.append(Cue(at: time, what: .begin(fault)))
            case .mark: break
            }
        }
        cues.append(Cue(at: plan.phases.settle, what: .settle))
        cues.append(Cue(at: plan.phases.quiet, what: .quiet))
        sortCues()
    }

    private mutating func sortCues() {
        cues = cues.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    /// Puts something behind all that is due at the same time.
    mutating func set(_ what: Cue.What, at time: Int) {
        let place = cues.firstIndex { $0.at > time } ?? cues.count
        cues.insert(Cue(at: time, what: what), at: place)
    }

    // MARK: Playing

    /// Plays everything, or up to the first thing that must not be.
    ///
    /// - Returns: What came of it.
    package mutating func play() -> RunResult {
        var nextTick = Self.tick
        story.tell(0, "warm-up")
        while now < plan.phases.end, !isDecided {
            now = min(cues.first?.at ?? .max, nextTick, plan.phases.end)
            world.run(until: .milliseconds(now))
            while let cue = cues.first, cue.at <= now {
                cues.removeFirst()
                take(cue.what)
            }
            judgeBurials()
            if now == nextTick {
                look()
                beginMarked()
                nextTick += Self.tick
            }
        }
        if !isDecided { judgeEnd() }
        return result()
    }

    /// Nothing that comes now makes it better.
    private var isDecided: Bool { complaints.contains { $0.kind == .violation } }

    private mutating func take(_ cue: Cue.What) {
        switch cue {
        case .operation(let index): perform(plan.operations[index])
        case .begin(let fault): begin(fault)
        case .end(let index): end(index)
        case .restart(let machine, let fault): restart(machine, after: fault)
        case .stop(let machine): world.kill(machine)
        case .rejoin(let fault, let step): rejoin(fault, step)
        case .settle: settle()
        case .quiet: beginQuiet()
        }
    }

    // MARK: Laws

    /// What the world itself and the auditor found.
    mutating func judgeLaws() {
        for violation in world.violations {
            let check: Check
            switch violation.kind {
            case .sharedAddress: check = .addresses
            case .oversizedDatagram, .restless: check = .bounded
            }
            complain(check, of: violation.machine, "\(violation.kind)")
        }
        for breach in auditor?.breaches ?? [] { complain(.laws, of: nil, "\(breach)") }
    }

    /// The last of what happened, where a diary was asked for.
    package var diary: [String] { auditor?.diary ?? [] }

    mutating func complain(_ check: Check, of machine: Int?, _ words: String) {
        guard plan.expect.checks.contains(check) else { return }
        complaints.append(
            Complaint(
                kind: check == .quiet ? .late : .violation,
                name: "\(check.number) \(check.rawValue)",
                at: now,
                node: machine.map { world.machines[$0].name },
                words: words
            )
        )
    }
}

extension RunPlan {
    /// Whether every node signs as it should: the auditor knows no liars.
    var isHonest: Bool {
        faults.allSatisfy { fault in
            switch fault.effect {
            case .byzantine, .clone: false
            default: true
            }
        }
    }
}

extension Instant {
    static func milliseconds(_ count: Int) -> Instant { .zero + .milliseconds(count) }
}
