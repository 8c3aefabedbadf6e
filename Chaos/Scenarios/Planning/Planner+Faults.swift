import Vocabulary

/// What goes wrong in a run.
extension Planner {
    /// A fault of the text becomes one of the plan, or several.
    mutating func plan(
        _ fault: FaultText,
        _ index: Int,
        _ times: RunPlan.Timetable
    ) throws(Selection.Nobody) {
        var random = RandomStream(seed, "chaos fault", UInt64(index))
        switch fault.timing {
        case .start: try plan(fault, .start, times, &random)
        case .at(let span):
            let time = times.chaos + random.within(span)
            guard time < times.settle else {
                throw Selection.Nobody(words: "begins after the chaos has ended")
            }
            try plan(fault, .at(time), times, &random)
        case .every(let mean, let spread):
            var time = times.chaos + random.gap(mean: mean, spread)
            while time < times.settle {
                try plan(fault, .at(time), times, &random)
                time += random.gap(mean: mean, spread)
            }
        case .mark(let mark, let nth): try plan(fault, .mark(mark, nth: nth), times, &random)
        }
    }

    private mutating func plan(
        _ fault: FaultText,
        _ begin: PlannedFault.Begin,
        _ times: RunPlan.Timetable,
        _ random: inout RandomStream
    ) throws(Selection.Nobody) {
        let lasts = fault.duration.map { random.within($0) }
        if case .partition(let partition) = fault.act {
            return try plan(partition, fault, begin, lasts, times, &random)
        }
        var end: Int?
        if let lasts, let time = begin.time { end = time + lasts }
        faults.append(
            PlannedFault(
                number: 0,
                title: fault.act.word,
                begin: begin,
                end: end,
                lasts: begin.time == nil ? lasts : nil,
                heal: fault.heal,
                effect: try effect(fault.act, lasts, begin.time, &random)
            )
        )
    }

    private mutating func effect(
        _ act: FaultText.Act,
        _ lasts: Int?,
        _ time: Int?,
        _ random: inout RandomStream
    ) throws(Selection.Nobody) -> PlannedFault.Effect {
        switch act {
        case .partition: return .cut([], .drop)
        case .link(let from, let to, let spec, let filter):
            let sources = try selection.resolve(from, &random)
            return .link(from: sources, to: try selection.resolve(to, &random), spec, filter)
        case .kill(let nodes, let loss, let restart):
            let chosen = try selection.resolve(nodes, &random)
            var restarts: [Int] = []
            if let restart {
                restarts = chosen.map { _ in random.within(restart) }
            } else if let lasts {
                restarts = chosen.map { _ in lasts }
            }
            return .kill(chosen, loss, restarts: restarts)
        case .pause(let nodes, let stopsClock):
            return .pause(try selection.resolve(nodes, &random), stopsClock: stopsClock)
        case .slow(let nodes, let factor):
            return .slow(try selection.resolve(nodes, &random), factor: factor)
        case .clock(let nodes, let spec):
            return .clock(try selection.resolve(nodes, &random), spec)
        case .byzantine(let nodes, let mischiefs, let stolen):
            let chosen = try selection.resolve(nodes, &random)
            gone.formUnion(chosen)
            var victim: Int?
            if let stolen { victim = try selection.resolve(stolen, &random).first }
            return .byzantine(chosen, mischiefs, stolenKey: victim)
        case .allocate(let service, let places):
            var chosen: [Int] = []
            for place in places {
                for node in try selection.resolve(place, &random) where !chosen.contains(node) {
                    chosen.append(node)
                }
            }
            selection.owners[service, default: []] += chosen
            selection.backends[service, default: []] += chosen
            return .allocate(service: service, chosen)
        case .leave(let nodes):
            let chosen = try selection.resolve(nodes, &random)
            gone.formUnion(chosen)
            return .leave(chosen)
        case .disk(let nodes, let deed):
            let chosen = try selection.resolve(nodes, &random)
            switch deed {
            case .full: return .fillDisk(chosen)
            case .snapshot: return .copyDisk(chosen)
            case .clone:
                machineCount += chosen.count
                return .clone(chosen)
            }
        case .join(let count, let within):
            machineCount += count
            let machines = (0..<count).map { _ in
                RunPlan.PlannedMachine(
                    start: within > 0 ? random.below(within) : 0,
                    zone: 0,
                    seeds: selection.seeds
                )
            }
            return .join(machines)
        }
    }

    // MARK: Partitions

    private mutating func plan(
        _ partition: Partition,
        _ fault: FaultText,
        _ begin: PlannedFault.Begin,
        _ lasts: Int?,
        _ times: RunPlan.Timetable,
        _ random: inout RandomStream
    ) throws(Selection.Nobody) {
        let time = begin.time ?? times.chaos
        let end = min(time + (lasts ?? times.settle - time), times.settle)
        var shaping = Shaping(
            partition: partition,
            selection: selection,
            random: RandomStream(seed, "chaos shape", random.next())
        )
        func cut(
            _ divisions: [PlannedFault.Division],
            from begin: PlannedFault.Begin,
            to end: Int?
        ) -> PlannedFault {
            PlannedFault(
                number: 0,
                title: "partition \(partition.shape.rawValue)",
                begin: begin,
                end: end,
                lasts: begin.time == nil ? lasts : nil,
                heal: fault.heal,
                effect: .cut(divisions, partition.mode)
            )
        }
        switch partition.shape {
        case .rolling:
            // Never whole: each split begins as the one before ends.
            for start in stride(from: time, to: end, by: partition.period) {
                let groups = PlannedFault.Division(groups: shaping.halves())
                faults.append(
                    cut([groups], from: .at(start), to: min(start + partition.period, end))
                )
            }
        case .flapping:
            let groups = PlannedFault.Division(groups: shaping.halves())
            for start in stride(from: time, to: end, by: partition.period) {
                let stop = min(start + partition.period / 2, end)
                faults.append(cut([groups], from: .at(start), to: stop))
            }
        case .swizzleClog:
            let half = max(1, (end - time) / 2)
            for division in try shaping.divisions().divisions {
                let start = time + random.below(half)
                let stop = time + half + random.below(half)
                faults.append(cut([division], from: .at(start), to: stop))
            }
        default:
            let (divisions, bridge) = try shaping.divisions()
            if partition.shape == .bridge { selection.bridge = bridge }
            let end = lasts == nil || begin.time == nil ? nil : time + (lasts ?? 0)
            faults.append(cut(divisions, from: begin, to: end))
        }
    }
}

extension PlannedFault.Begin {
    /// When, where that is known before.
    fileprivate var time: Int? {
        switch self {
        case .at(let time): time
        case .start: 0
        case .mark: nil
        }
    }
}

extension FaultText.Act {
    /// Its key.
    fileprivate var word: String {
        switch self {
        case .partition: "partition"
        case .link: "link"
        case .kill: "kill"
        case .pause: "pause"
        case .slow: "slow"
        case .clock: "clock"
        case .byzantine(_, let mischiefs, _): mischiefs.joined(separator: "+")
        case .allocate: "allocate"
        case .leave: "leave"
        case .disk(_, let act): "disk \(act.rawValue)"
        case .join: "join"
        }
    }
}

extension RandomStream {
    /// A number from a range.
    fileprivate mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }
}
