import Vocabulary

/// Expands a scenario and a seed into a plan.
///
/// It draws with streams of its own: one for each fault by its place in the text, one for the
/// workload, one for the topology; so what one of them draws changes nothing in the others.
package struct Planner {
    let scenario: Scenario
    let seed: Seed
    let nodes: Int
    var selection: Selection
    var operations: [RunPlan.Operation] = []
    var faults: [PlannedFault] = []
    /// Machines that come later get the numbers from here on.
    var machineCount: Int
    /// Who leaves or turns bad in the course of it: nobody asks what those believe in the end.
    var gone: Set<Int> = []

    /// - Parameters:
    ///   - scenario: What is to be played.
    ///   - seed: What chance follows from; the scenario's own where it is `nil`.
    ///   - nodes: How many there are, where it is not as the scenario says; zones keep their shares.
    package init(_ scenario: Scenario, seed: UInt64? = nil, nodes: Int? = nil) {
        self.scenario = scenario
        self.seed = Seed(seed ?? scenario.seed)
        let count = nodes ?? scenario.cluster.nodes
        self.nodes = count
        machineCount = count
        let zones = scenario.cluster.zones
        var zoneOf: [Int] = []
        var sum = 0
        for (index, zone) in zones.enumerated() {
            sum += zone.size
            let end = index == zones.count - 1 ? count : count * sum / scenario.cluster.nodes
            while zoneOf.count < end { zoneOf.append(index) }
        }
        if zones.isEmpty { zoneOf = Array(repeating: 0, count: count) }
        let seeds: [Int] =
            switch scenario.cluster.seeds {
            case .first(let wanted): Array(0..<min(wanted, count))
            case .perZone:
                Set(zoneOf).sorted().compactMap { zone in zoneOf.firstIndex(of: zone) }
            }
        selection = Selection(
            nodes: count,
            zones: zones.map(\.name),
            zoneOf: zoneOf,
            seeds: seeds
        )
    }

    /// Makes the plan: equal scenarios and seeds give equal plans, byte for byte.
    ///
    /// - Throws: Where a selector names nobody, at its fault's place in the text.
    package mutating func plan() throws(ScenarioMistake) -> RunPlan {
        var random = RandomStream(seed, "chaos start")
        let machines = (0..<nodes).map { number in
            RunPlan.PlannedMachine(
                start: scenario.cluster.startSpread > 0
                    ? random.below(scenario.cluster.startSpread) : 0,
                zone: selection.zoneOf[number],
                seeds: selection.seeds
            )
        }
        let phases = scenario.phases
        let timetable = RunPlan.Timetable(
            chaos: phases.warmup,
            settle: phases.warmup + phases.chaos,
            quiet: phases.warmup + phases.chaos + phases.settle,
            end: phases.warmup + phases.chaos + phases.settle + phases.quiet
        )
        planWorkload(timetable)
        let core = try core()
        for (index, fault) in scenario.faults.enumerated() {
            do throws(Selection.Nobody) {
                let before = gone.count
                try plan(fault, index, timetable)
                // Whatever the run showed, it would say nothing.
                if gone.count > before, gone.isSuperset(of: core) {
                    throw Selection.Nobody(words: Self.nobodyLeft(of: core.count))
                }
            } catch {
                throw fault.place.mistake(error.words)
            }
        }
        operations = operations.enumerated().sorted {
            ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
        }
        .map(\.element)
        return RunPlan(
            scenario: scenario.name,
            digest: scenario.digest,
            seed: seed.value,
            machines: machines,
            settings: scenario.cluster.settings,
            link: scenario.cluster.link,
            latencyBetweenZones: scenario.cluster.latencyBetweenZones,
            phases: timetable,
            core: core,
            operations: operations,
            faults: numbered(),
            expect: scenario.expect
        )
    }

    private static func nobodyLeft(of count: Int) -> String {
        let who = count == 1 ? "the only node" : "all \(count) nodes"
        return
            "\(who) that must agree in the end leave or turn bad, so nobody is left to ask: name "
            + "fewer of them, as {nodes: minority}, {nodes: one} or {nodes: not(n0)}"
    }

    private func core() throws(ScenarioMistake) -> [Int] {
        var random = RandomStream(seed, "chaos core")
        switch scenario.phases.core {
        case .all: return Array(0..<nodes)
        case .random:
            let least = nodes / 2 + 1
            let size = least + random.below(nodes - least + 1)
            return random.sample(size, of: Array(0..<nodes)).sorted()
        case .nodes(let selector, let place):
            do {
                return try selection.resolve(selector, &random)
            } catch {
                throw place.mistake(error.words)
            }
        }
    }

    /// Faults by their beginnings, and numbers for them.
    private func numbered() -> [PlannedFault] {
        func time(_ fault: PlannedFault) -> Int {
            switch fault.begin {
            case .start: -1
            case .at(let time): time
            case .mark: .max
            }
        }
        let order = faults.indices.sorted { (time(faults[$0]), $0) < (time(faults[$1]), $1) }
        return order.enumerated().map { number, index in
            let fault = faults[index]
            return PlannedFault(
                number: number + 1,
                title: fault.title,
                begin: fault.begin,
                end: fault.end,
                lasts: fault.lasts,
                heal: fault.heal,
                effect: fault.effect
            )
        }
    }
}
