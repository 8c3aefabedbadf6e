import Gossip
import Simulation
import Vocabulary

/// How faults end.
extension Play {
    /// Ends a fault, for all whom it concerns or for some of them.
    mutating func end(_ index: Int, only few: Set<Int>? = nil) {
        guard faults[index].ended == nil else { return }
        let fault = faults[index].fault
        measure(&faults[index])
        let machines = faults[index].machines.filter { few?.contains($0) != false }
        if few == nil { faults[index].ended = now }
        switch fault.effect {
        case .cut(let divisions, _):
            if fault.heal == .oneByOne, few == nil {
                rejoin(index, 0)
            } else {
                for cut in faults[index].cuts { world.heal(partition: cut) }
                faults[index].cuts = []
                if let few { faults[index].cuts = divide(divisions, without: few) }
            }
        case .link(let from, let to, _, _):
            applyModels(from, to)
        case .kill:
            for machine in machines where !world.machines[machine].isRunning {
                restart(machine, after: index)
            }
        case .pause: for machine in machines { world.resume(machine) }
        case .slow: for machine in machines { world.slow(machine, factor: 1) }
        case .clock:
            for machine in machines {
                world.setMonotonic(of: machine, ppm: 0)
                world.setWall(of: machine, .steady)
                world.setClock(of: machine, ahead: .zero)
            }
        case .fillDisk: for machine in machines { world.setDiskFull(machine, false) }
        case .byzantine, .allocate, .leave, .copyDisk, .clone, .join: break
        }
        excuse(machines, after: index)
        if few == nil {
            ledger.taps[fault.number] = nil
            tell("ends", fault)
        }
    }

    /// Writes down what a fault did so far.
    func measure(_ active: inout ActiveFault) {
        let tap = ledger.taps[active.fault.number]
        let counts = world.counts()
        let delayed = counts.delayed + counts.corrupted - active.before
        switch active.fault.effect {
        case .cut(_, .slow): active.evidence = min(delayed, tap?.crossed ?? 0)
        case .cut: active.evidence = tap?.lost ?? active.evidence
        case .link(_, _, let spec, let filter):
            active.evidence =
                switch spec.kind(filter) {
                case .loss: tap?.lost ?? 0
                case .change: delayed
                case .duplicates: tap?.twofold ?? 0
                case .time: tap?.crossed ?? 0
                }
        case .pause, .slow: active.evidence = tap?.crossed ?? active.evidence
        case .clock:
            guard active.evidence == 0 else { break }
            let right = Authority.beginning.advanced(by: .milliseconds(now))
            for machine in active.machines {
                let shown = world.wallTime(of: machine)
                active.evidence += Int(max(shown, right).milliseconds)
                active.evidence -= Int(min(shown, right).milliseconds)
            }
        case .byzantine(let machines, _, _): active.evidence = sent(by: machines) - active.before
        case .fillDisk(let machines): active.evidence = refusals(of: machines) - active.before
        case .kill, .allocate, .leave, .copyDisk, .clone, .join: break
        }
    }

    /// One more machine of a cut is let out of it, each half second, until none is left.
    mutating func rejoin(_ index: Int, _ step: Int) {
        guard case .cut(let divisions, _) = faults[index].fault.effect else { return }
        for cut in faults[index].cuts { world.heal(partition: cut) }
        let all = Set(divisions.flatMap { $0.groups.joined() }).sorted()
        let free = Set(all.prefix(step + 1))
        faults[index].cuts =
            free.count < all.count ? divide(divisions, without: free, fully: true) : []
        if free.count < all.count { set(.rejoin(fault: index, step: step + 1), at: now + 500) }
        faults[index].ended = now
    }

    /// Cuts again what is cut by some divisions, but for the links among a few or, fully, all
    /// links of these.
    private mutating func divide(
        _ divisions: [PlannedFault.Division],
        without few: Set<Int>,
        fully: Bool = false
    ) -> [Int] {
        var cuts: [Int] = []
        for division in divisions {
            let rest = division.groups.map { $0.filter { !few.contains($0) } }
            cuts.append(world.partition(rest, isOneWay: division.isOneWay))
            guard !fully else { continue }
            // And between the few and all others, in each direction that was cut.
            let inner = division.groups.map { $0.filter(few.contains) }
            for (place, group) in rest.enumerated() where !group.isEmpty {
                for (other, near) in inner.enumerated() where other != place && !near.isEmpty {
                    let pair = place < other ? [group, near] : [near, group]
                    cuts.append(world.partition(pair, isOneWay: division.isOneWay))
                }
            }
        }
        return cuts
    }

    mutating func restart(_ machine: Int, after index: Int) {
        referee.dying[machine] = nil
        guard !world.machines[machine].isRunning, !referee.gone.contains(machine) else { return }
        world.restart(machine)
        excuse([machine], after: index)
    }

    /// For a while they may still be taken for dead, unless another fault says so for longer.
    private mutating func excuse(_ machines: [Int], after index: Int) {
        for machine in machines where excusedUntil[machine] != nil {
            let isHeld = faults.indices.contains { other in
                other != index && faults[other].ended == nil && faults[other].excusesDeath
                    && faults[other].machines.contains(machine)
            }
            if !isHeld { excusedUntil[machine] = now + Self.grace }
        }
    }

    // MARK: Phases

    /// The chaos is over: what may end ends, at least among the core.
    mutating func settle() {
        story.tell(now, "settle: the faults end")
        let few = plan.core.count < plan.machines.count ? Set(plan.core) : nil
        let due = cues
        cues = cues.filter {
            switch $0.what {
            case .operation, .settle, .quiet, .stop, .begin: true
            case .end, .restart, .rejoin: false
            }
        }
        for cue in due {
            switch cue.what {
            case .restart(let machine, let fault) where few?.contains(machine) != false:
                restart(machine, after: fault)
            case .rejoin(let fault, _):
                for cut in faults[fault].cuts { world.heal(partition: cut) }
            default: break
            }
        }
        referee.isSettling = few != nil
        for index in faults.indices where faults[index].fault.heal != .never {
            end(index, only: few)
        }
        for machine in core where !world.machines[machine].isRunning {
            restart(machine, after: faults.count)
        }
        referee.settlingSince = now
    }

    mutating func beginQuiet() {
        story.tell(now, "quiet: nothing happens")
        referee.quietSince = now
        for machine in core {
            referee.viewsBefore[machine] = ledger.viewChanges[machine] ?? 0
            referee.membersBefore[machine] = ledger.memberChanges[machine] ?? 0
        }
    }

    /// Who must agree: of those who were named, all that are members still, and newcomers.
    var core: [Int] {
        let liars = Set(
            faults.flatMap { fault -> [Int] in
                switch fault.fault.effect {
                case .byzantine, .clone: fault.machines
                default: []
                }
            }
        )
        let newcomers =
            plan.core.count == plan.machines.count
            ? referee.joining.filter { world.machines[$0.machine].isRunning }.map(\.machine) : []
        return plan.core.filter { !liars.contains($0) && !referee.gone.contains($0) } + newcomers
    }
}
