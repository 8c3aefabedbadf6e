import Gossip
import Registry
import Simulation
import Vocabulary

/// How faults begin.
extension Play {
    mutating func begin(_ fault: PlannedFault) {
        var active = ActiveFault(fault, begun: now)
        let index = faults.count
        switch fault.effect {
        case .cut(let divisions, let mode): cut(divisions, mode, &active)
        case .link(let from, let to, _, _):
            tap(&active, Ledger.Tap(from: from, to: to))
        case .kill(let machines, let loss, let restarts):
            active.measure = "nodes went away"
            for (place, machine) in machines.enumerated() {
                if kill(machine, loss) { active.evidence += 1 }
                guard place < restarts.count else { continue }
                set(.restart(machine, fault: index), at: now + restarts[place])
            }
        case .pause(let machines, let stopsClock):
            for machine in machines { world.pause(machine, stopsClock: stopsClock) }
            tapArrivals(at: machines, &active)
        case .slow(let machines, let factor):
            for machine in machines { world.slow(machine, factor: factor) }
            tapArrivals(at: machines, &active)
        case .clock(let machines, let spec):
            active.measure = "milliseconds that clocks went wrong"
            for machine in machines { setClock(of: machine, spec, &active) }
        case .byzantine(let machines, let mischiefs, let victim):
            active.before = sent(by: machines)
            active.measure = "datagrams sent by the liars"
            let mind = EvilMind(mischiefs.compactMap(Mischief.init), stolenKey: victim)
            for machine in machines where world.machines[machine].isRunning {
                world.turn(machine, into: mind)
            }
        case .allocate(let service, let machines):
            active.measure = "nodes declared it"
            for machine in machines where declare(service, on: machine) {
                active.evidence += 1
                _ = offer(service, on: machine)
            }
        case .leave(let machines):
            active.measure = "nodes left"
            for machine in machines where leave(machine) { active.evidence += 1 }
        case .fillDisk(let machines):
            active.measure = "writes refused"
            active.before = refusals(of: machines)
            for machine in machines { world.setDiskFull(machine, true) }
        case .copyDisk(let machines):
            active.measure = "disks copied"
            active.evidence = machines.count
            for machine in machines {
                copies[machine] = DiskCopy(
                    snapshot: world.snapshotDisk(of: machine),
                    promises: promises[machine] ?? Promises()
                )
            }
        case .clone(let machines):
            active.measure = "twins started"
            for machine in machines {
                let twin = world.addTwin(of: machine, from: world.snapshotDisk(of: machine))
                excusedUntil[twin] = .max
                active.evidence += 1
            }
        case .join(let machines):
            active.measure = "machines added"
            for machine in machines {
                referee.joining.append(
                    Referee.Joining(machine: add(machine), since: now + machine.start)
                )
                active.evidence += 1
            }
        }
        if active.excusesDeath {
            for machine in active.machines { excusedUntil[machine] = .max }
        }
        if !active.isLasting, case .kill(_, _, let restarts) = fault.effect, restarts.isEmpty {
            // Nobody starts them again but the end of all faults.
        } else if !active.isLasting {
            active.ended = now
        }
        faults.append(active)
        if case .link(let from, let to, _, _) = fault.effect { applyModels(from, to) }
        tell("begins", fault)
        schedule(endOf: fault, index)
    }

    private mutating func schedule(endOf fault: PlannedFault, _ index: Int) {
        if let end = fault.end {
            set(.end(index), at: max(end, now))
        } else if let lasts = fault.lasts {
            set(.end(index), at: now + lasts)
        }
    }

    /// Begins what waited for a rare state that has now come about.
    mutating func beginMarked() {
        let waiting = plan.faults.filter { fault in
            guard case .mark = fault.begin else { return false }
            return !faults.contains { $0.fault.number == fault.number }
        }
        guard !waiting.isEmpty, now < plan.phases.settle else { return }
        let hits = world.hits
        for fault in waiting {
            guard case .mark(let mark, let nth) = fault.begin, hits[mark] ?? 0 >= nth else {
                continue
            }
            begin(fault)
        }
    }

    // MARK: Links

    private mutating func cut(
        _ divisions: [PlannedFault.Division],
        _ mode: Mode,
        _ active: inout ActiveFault
    ) {
        let fault = active.fault
        let end = fault.end ?? fault.lasts.map { now + $0 } ?? plan.phases.settle
        let state: LinkState =
            switch mode {
            case .drop: .dropped
            case .jam: .jammed
            case .slow: .clogged(until: .milliseconds(end))
            }
        for division in divisions {
            active.cuts.append(
                world.partition(division.groups, as: state, isOneWay: division.isOneWay)
            )
        }
        tap(&active, Ledger.Tap(divisions, machines: world.machines.count))
    }

    /// Every link that some fault concerns, as all those faults together make it.
    mutating func applyModels(_ from: [Int], _ to: [Int]) {
        let active = faults.filter { $0.ended == nil }
        let healed = referee.isSettling ? Set(plan.core) : []
        for source in from {
            for target in to where source != target {
                var model: LinkModel?
                var filter: PacketFilter?
                for fault in active {
                    guard case .link(let from, let to, let spec, let stops) = fault.fault.effect,
                        from.contains(source), to.contains(target)
                    else { continue }
                    let isInCore = healed.contains(source) && healed.contains(target)
                    if isInCore, fault.fault.heal != .never { continue }
                    model = LinkModel(spec, over: model ?? world.plan.link)
                    if let stops { filter = PacketFilter(stops) }
                }
                world.setModel(model, from: source, to: target)
                world.setFilter(filter, from: source, to: target)
            }
        }
    }

    private mutating func tap(_ active: inout ActiveFault, _ tap: Ledger.Tap) {
        ledger.taps[active.fault.number] = tap
        active.links = tap
        let counts = world.counts()
        active.before = counts.delayed + counts.corrupted
        switch active.fault.effect {
        case .cut(_, .slow): active.measure = "datagrams delayed"
        case .link(_, _, let spec, let filter): active.measure = spec.measure(filter)
        default: active.measure = "datagrams that did not arrive"
        }
    }

    private mutating func tapArrivals(at machines: [Int], _ active: inout ActiveFault) {
        tap(&active, Ledger.Tap(from: Array(world.machines.indices), to: machines))
        active.links = nil
        active.measure = "datagrams that had to wait"
    }

    // MARK: Machines

    private mutating func kill(_ machine: Int, _ loss: DiskLoss) -> Bool {
        guard world.machines[machine].isRunning else { return false }
        world.kill(machine, losing: loss == .loseUnsynced ? .unsynced : .nothing)
        referee.dying[machine] = now
        switch loss {
        case .keep: break
        case .loseUnsynced: promises[machine]?.isUncertain = true
        case .wipe:
            world.wipeDisk(of: machine)
            promises[machine] = Promises()
            referee.wiped.insert(machine)
        case .restore:
            guard let copy = copies[machine] else { break }
            world.restoreDisk(of: machine, from: copy.snapshot)
            promises[machine] = copy.promises
            promises[machine]?.isUncertain = true
        }
        return true
    }

    private mutating func leave(_ machine: Int) -> Bool {
        guard isHere(machine) else { return false }
        if case .refused? = world.command(.leave, on: machine) { return false }
        // Its process ends when the farewell had time to spread.
        set(.stop(machine), at: now + 5000)
        referee.gone.insert(machine)
        promises[machine] = nil
        return true
    }

    private mutating func setClock(
        of machine: Int,
        _ spec: ClockSpec,
        _ active: inout ActiveFault
    ) {
        if let step = spec.step {
            let before = world.wallTime(of: machine)
            world.stepClock(of: machine, by: .milliseconds(step))
            let after = world.wallTime(of: machine)
            let moved =
                after > before
                ? after.milliseconds - before.milliseconds
                : before.milliseconds - after.milliseconds
            active.evidence += Int(moved)
        }
        if spec.stops == true {
            world.setWall(of: machine, .stopped)
        } else if let drift = spec.drift {
            world.setWall(of: machine, .drifting(ppm: drift))
        }
        if let drift = spec.monotonicDrift { world.setMonotonic(of: machine, ppm: drift) }
    }

    func sent(by machines: [Int]) -> Int {
        machines.reduce(0) { $0 + world.machines[$1].traffic.packetsSent }
    }

    func refusals(of machines: [Int]) -> Int {
        machines.reduce(0) { $0 + world.diskRefusals(of: $1) }
    }

    mutating func tell(_ verb: String, _ fault: PlannedFault) {
        story.tell(now, "#\(fault.number) \(fault.title) \(verb): \(fault.effect.words(world))")
    }
}

extension PlannedFault.Division {
    /// The group of each machine; -1 for one that is in none.
    func numbers(below count: Int) -> [Int32] {
        var numbers = [Int32](repeating: -1, count: count)
        for (index, group) in groups.enumerated() {
            for machine in group where machine < count { numbers[machine] = Int32(index) }
        }
        return numbers
    }
}
