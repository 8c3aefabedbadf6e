/// A plan that comes from a file may be anybody's.
extension RunPlan {
    /// Longer runs are no runs: ten years.
    private static let longest = 10 * 366 * 86_400_000

    /// What makes it impossible to play: where, and in words; `nil` where nothing does.
    var problem: (path: [PlanStep], words: String)? {
        guard version == 1 else {
            let words = "must be 1: play it with the build that wrote it, or run its scenario again"
            return ([.key("version")], words)
        }
        guard Scenario.isName(scenario) else {
            return ([.key("scenario")], "must be small letters, digits and - only")
        }
        guard !machines.isEmpty, count <= 40_000 else {
            return ([.key("machines")], "must be 1...40000 of them in all, not \(count)")
        }
        let times = [0, phases.chaos, phases.settle, phases.quiet, phases.end, Self.longest]
        guard zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            return ([.key("phases")], "each must end after the one before, within ten years")
        }
        guard Set(core).count == core.count else {
            return ([.key("core")], "a machine stands there twice")
        }
        for (path, numbers) in named {
            if let odd = numbers.first(where: { !(0..<count).contains($0) }) {
                return (path, "there is no machine \(odd): they are 0...\(count - 1)")
            }
        }
        for (place, setting) in settings.enumerated() {
            if let range = SettingValue.range(of: setting.name), !range.contains(setting.value) {
                let words = "must be in \(range.lowerBound)...\(range.upperBound)"
                return ([.key("settings"), .index(place), .key("value")], words)
            }
        }
        for (place, fault) in faults.enumerated() {
            if let words = fault.effect.problem {
                return ([.key("faults"), .index(place), .key("effect")], words)
            }
        }
        for (path, moments) in moments {
            if let odd = moments.first(where: { !(0...Self.longest).contains($0) }) {
                return (path, "\(odd) ms is no time of a run: 0...\(Self.longest)")
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
    private var named: [(path: [PlanStep], numbers: [Int])] {
        var all: [(path: [PlanStep], numbers: [Int])] = [([.key("core")], core)]
        for (place, operation) in operations.enumerated() {
            all.append(([.key("operations"), .index(place), .key("machine")], [operation.machine]))
        }
        for (place, machine) in machines.enumerated() {
            all.append(([.key("machines"), .index(place), .key("seeds")], machine.seeds))
        }
        for (place, fault) in faults.enumerated() {
            let path = [PlanStep.key("faults"), .index(place), .key("effect")]
            all.append((path, fault.effect.machines))
        }
        return all
    }

    /// Every moment and every length of time, by where it stands.
    private var moments: [(path: [PlanStep], moments: [Int])] {
        var all: [(path: [PlanStep], moments: [Int])] = []
        for (place, operation) in operations.enumerated() {
            all.append(([.key("operations"), .index(place), .key("at")], [operation.at]))
        }
        for (place, machine) in machines.enumerated() {
            all.append(([.key("machines"), .index(place), .key("start")], [machine.start]))
        }
        for (place, fault) in faults.enumerated() {
            var found = [fault.end, fault.lasts].compactMap { $0 }
            if case .at(let moment) = fault.begin { found.append(moment) }
            if case .kill(_, _, let restarts) = fault.effect { found += restarts }
            if case .join(let machines) = fault.effect { found += machines.map(\.start) }
            all.append(([.key("faults"), .index(place)], found))
        }
        return all
    }
}

extension PlannedFault.Effect {
    /// Which of its numbers no scenario could have given, in words.
    fileprivate var problem: String? {
        switch self {
        case .slow(_, let factor) where !(2...10_000).contains(factor):
            "a factor must be in 2...10000, not \(factor)"
        case .link(_, _, _, let filter?) where !(0...65_507).contains(filter.size ?? 0):
            "a size must be in 0...65507"
        default: nil
        }
    }

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
