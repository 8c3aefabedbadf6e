import Vocabulary

/// What people do in a run.
extension Planner {
    /// Services come during the last half of the warm-up, changes during the chaos.
    mutating func planWorkload(_ times: RunPlan.Timetable) {
        let workload = scenario.workload
        var random = RandomStream(seed, "chaos workload")
        let half = max(1, times.chaos / 2)
        for number in 0..<workload.services {
            let time = times.chaos == 0 ? random.below(2000) : half + random.below(half / 2 + 1)
            found("s\(number)", at: time, &random)
        }
        planNewServices(times)
        planWithdrawals(times)
        planFlips(times)
    }

    /// A service begins: one declares it, some offer endpoints.
    private mutating func found(_ service: String, at time: Int, _ random: inout RandomStream) {
        let owner = random.below(nodes)
        add(.declare, service, on: owner, at: time)
        selection.owners[service, default: []].append(owner)
        let hosts = random.sample(scenario.workload.endpoints, of: Array(0..<nodes))
        for host in hosts { add(.offer, service, on: host, at: time + random.below(200)) }
        if !hosts.isEmpty { selection.backends[service] = hosts }
    }

    private mutating func planNewServices(_ times: RunPlan.Timetable) {
        guard let gap = scenario.workload.registerGap else { return }
        var random = RandomStream(seed, "chaos register")
        for (number, time) in moments(gap, times, &random).enumerated() {
            found("c\(number)", at: time, &random)
        }
    }

    /// Each service is withdrawn once at most, by its owner, and only after it began.
    private mutating func planWithdrawals(_ times: RunPlan.Timetable) {
        guard let gap = scenario.workload.deregisterGap else { return }
        var random = RandomStream(seed, "chaos deregister")
        var standing = operations.filter { $0.deed == .declare }
        for time in moments(gap, times, &random) {
            let old = standing.indices.filter { standing[$0].at + 1000 < time }
            guard let index = random.pick(old) else { continue }
            let chosen = standing.remove(at: index)
            add(.withdraw, chosen.service, on: chosen.machine, at: time)
            for host in selection.backends[chosen.service] ?? [] {
                add(.retire, chosen.service, on: host, at: time)
            }
        }
    }

    /// An endpoint goes, or comes back.
    private mutating func planFlips(_ times: RunPlan.Timetable) {
        guard let gap = scenario.workload.flipGap else { return }
        var random = RandomStream(seed, "chaos flips")
        var offered = operations.filter { $0.deed == .offer }.map { (offer: $0, isOut: false) }
        let withdrawn = Dictionary(
            operations.filter { $0.deed == .withdraw }.map { ($0.service, $0.at) },
            uniquingKeysWith: min
        )
        for time in moments(gap, times, &random) {
            let usable = offered.indices.filter {
                let offer = offered[$0].offer
                return offer.at < time && withdrawn[offer.service] ?? .max > time
            }
            guard let index = random.pick(usable) else { continue }
            let offer = offered[index].offer
            add(offered[index].isOut ? .offer : .retire, offer.service, on: offer.machine, at: time)
            offered[index].isOut.toggle()
        }
    }

    mutating func add(
        _ deed: RunPlan.Operation.Deed,
        _ service: String,
        on machine: Int,
        at time: Int
    ) {
        operations.append(
            RunPlan.Operation(at: time, machine: machine, deed: deed, service: service)
        )
    }

    /// Drawn moments of the chaos, with such a gap on average.
    private func moments(
        _ gap: Int,
        _ times: RunPlan.Timetable,
        _ random: inout RandomStream
    ) -> [Int] {
        var moments: [Int] = []
        var time = times.chaos
        while true {
            time += random.gap(mean: gap, .exp)
            guard time < times.settle else { return moments }
            moments.append(time)
        }
    }
}

extension RandomStream {
    /// A drawn time between two moments, in milliseconds; at least one.
    ///
    /// By coins and not by a logarithm: results must be the same on every machine.
    mutating func gap(mean: Int, _ spread: FaultText.Spread) -> Int {
        switch spread {
        case .exact: return mean
        case .even: return max(1, below(2 * mean + 1))
        case .exp:
            // A coin for each twentieth of the mean, and an even draw within it.
            let slot = max(1, mean / 20)
            var slots = 0
            while !chance(slot, in: mean), slots < 400 { slots += 1 }
            return max(1, slots * slot + below(slot + 1))
        }
    }
}
