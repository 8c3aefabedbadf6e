/// A plan that comes from a file may be anybody's.
extension RunPlan {
    /// Longer runs are no runs: ten years.
    private static let longest = 10 * 366 * 86_400_000

    /// What makes it impossible to play, in words; `nil` where nothing does.
    var problem: String? {
        guard Scenario.isName(scenario) else {
            return "scenario: must be small letters, digits and - only"
        }
        guard !machines.isEmpty, count <= 40_000 else { return "machines: \(count) of them" }
        let times = [0, phases.chaos, phases.settle, phases.quiet, phases.end, Self.longest]
        guard zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            return "phases: each must end after the one before, and all within ten years"
        }
        guard Set(core).count == core.count else { return "core: a machine stands there twice" }
        for (name, numbers) in named {
            if let odd = numbers.first(where: { !(0..<count).contains($0) }) {
                return "\(name): there is no machine \(odd) among \(count)"
            }
        }
        for (name, moments) in moments {
            if let odd = moments.first(where: { !(0...Self.longest).contains($0) }) {
                return "\(name): \(odd) ms is no time of a run"
            }
        }
        return nil
    }

    /// How many machines there are in the end.
    private var count: Int {
        faults.reduce(machines.count) { sum, fault in
            switch fault.effect {
            case .clone(let originals): sum + originals.count
            case .join(let machines): sum + machines.count
            default: sum
            }
        }
    }

    /// Every number of a machine, by where it stands.
    private var named: [(String, [Int])] {
        var all = [("core", core), ("operations", operations.map(\.machine))]
        all.append(("machines", machines.flatMap(\.seeds)))
        for fault in faults {
            all.append(("faults[\(fault.number)]", fault.effect.machines))
        }
        return all
    }

    /// Every moment and every length of time, by where it stands.
    private var moments: [(String, [Int])] {
        var all = [("operations", operations.map(\.at)), ("machines", machines.map(\.start))]
        for fault in faults {
            var found = [fault.end, fault.lasts].compactMap { $0 }
            if case .at(let moment) = fault.begin { found.append(moment) }
            if case .kill(_, _, let restarts) = fault.effect { found += restarts }
            if case .join(let machines) = fault.effect { found += machines.map(\.start) }
            all.append(("faults[\(fault.number)]", found))
        }
        return all
    }
}

extension PlannedFault.Effect {
    /// The machines that it names.
    fileprivate var machines: [Int] {
        switch self {
        case .cut(let divisions, _): divisions.flatMap { $0.groups.flatMap { $0 } }
        case .link(let from, let to, _, _): from + to
        case .kill(let machines, _, _), .pause(let machines, _), .slow(let machines, _),
            .clock(let machines, _), .allocate(_, let machines), .leave(let machines),
            .fillDisk(let machines), .copyDisk(let machines), .clone(let machines):
            machines
        case .byzantine(let machines, _, let stolen): machines + [stolen].compactMap { $0 }
        case .join(let machines): machines.flatMap(\.seeds)
        }
    }
}
