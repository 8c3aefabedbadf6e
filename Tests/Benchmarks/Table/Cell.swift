import BenchWorld
import Registry
import Translation
import Vocabulary

/// One size and one packet filter: both layouts, in turn, on machines that are alike.
struct Cell {
    let flavour: Flavour
    let services: Int
    let endpoints: Int
    let hasPeer: Bool

    private static let updates = 15

    var name: String { "\(flavour.rawValue) \(grouped(services)) × \(endpoints)" }

    /// Measures, and prints a line for each figure.
    func run() throws {
        var world = TableWorld(services: services, endpoints: endpoints)
        var (ours, theirs) = (OurLayout(flavour), TheirLayout())
        let machine = try Machine(flavour)
        let other = try Machine(flavour)
        try load(&ours, machine, &theirs, other, world)
        try update(&ours, machine, &theirs, other, &world)
        let found = try machine.save()
        let alike = try TranslationTable(parsing: found.output) == ours.written
        guard alike else { throw BenchFailure("\(name): the kernel holds something else") }
        try ring(machine, other, world)
    }

    // MARK: Loading

    private func load(
        _ ours: inout OurLayout,
        _ machine: Machine,
        _ theirs: inout TheirLayout,
        _ other: Machine,
        _ world: TableWorld
    ) throws {
        // What loads in no time is loaded more often, each time into a new machine.
        let trials = services * endpoints <= 20_000 ? 3 : 1
        let view = world.view
        var costs: [Cost] = []
        var rivals: [Cost] = []
        for trial in 1...trials {
            let isLast = trial == trials
            ours = OurLayout(flavour)
            costs.append(
                try Cost(&ours, on: isLast ? machine : Machine(flavour)) { $0.next(view) }
            )
            guard hasPeer else { continue }
            rivals.append(
                try Cost(&theirs, on: isLast ? other : Machine(flavour)) { $0.first(world) }
            )
        }
        let goal = Goal.cold(flavour, services, endpoints)
        show("4", "cold start, render and load", trials, goal, costs, rivals, \.wall)
        show("4", "cold start, longest run", trials, Goal(seconds: 1), costs, rivals, \.longestRun)
        show("", "cold start, rendering alone", trials, nil, costs, rivals, \.rendering)
        show("", "cold start, processor", trials, nil, costs, rivals, \.processor)
        let counts = [machine, other].map { machine in
            (try? machine.save().output).map { Self.count($0) } ?? (rules: 0, chains: 0)
        }
        let text = counts.map { "\(grouped($0.rules)) in \(grouped($0.chains)) chains" }
        Line(
            target: "",
            what: "rules in the kernel",
            wanted: "",
            reached: text[0],
            isReached: nil,
            rival: hasPeer ? text[1] : "not run",
            ratio: hasPeer ? ratio(Double(counts[0].rules), Double(counts[1].rules)) : "",
            trials: name
        )
        .show()
    }

    /// Rules, and chains that are not built in.
    private static func count(_ saved: String) -> (rules: Int, chains: Int) {
        let lines = saved.split(separator: "\n")
        return (
            lines.count { $0.hasPrefix("-A ") },
            lines.count { $0.hasPrefix(":GV-") || $0.hasPrefix(":KUBE-") }
        )
    }

    private func update(
        _ ours: inout OurLayout,
        _ machine: Machine,
        _ theirs: inout TheirLayout,
        _ other: Machine,
        _ world: inout TableWorld
    ) throws {
        var costs: [Cost] = []
        var rivals: [Cost] = []
        for _ in 0..<Self.updates {
            let changed = world.moveOneEndpoint()
            let view = world.view
            costs.append(try Cost(&ours, on: machine) { $0.next(view) })
            guard hasPeer else { continue }
            rivals.append(try Cost(&theirs, on: other) { $0.next(world, changed: changed) })
        }
        let what = "one endpoint changed"
        let goal = Goal.update(flavour, services, endpoints)
        let count = Self.updates
        show("3", "\(what), render and restore, p50", count, goal, costs, rivals, \.wall)
        show("", "\(what), rendering alone", count, nil, costs, rivals, \.rendering)
        show("", "\(what), processor", count, nil, costs, rivals, \.processor)
        let mine = Double(median(costs.map(\.bytes)))
        let peer = Double(median(rivals.map(\.bytes)))
        Line(
            target: "3",
            what: "\(what), bytes and rules written",
            wanted: "≤ 4,096 B",
            reached: "\(grouped(Int(mine))) B, \(median(costs.map(\.rules)))",
            isReached: mine <= 4_096,
            rival: hasPeer
                ? "\(grouped(Int(peer))) B, \(grouped(median(rivals.map(\.rules))))" : "not run",
            ratio: hasPeer ? ratio(mine, peer) : "",
            trials: "\(name), n = \(count)"
        )
        .show()
    }

    private func show(
        _ target: String,
        _ what: String,
        _ trials: Int,
        _ goal: Goal?,
        _ ours: [Cost],
        _ theirs: [Cost],
        _ part: (Cost) -> Int64
    ) {
        let mine = median(ours.map(part))
        let peer = theirs.isEmpty ? nil : median(theirs.map(part))
        Line(
            target: goal == nil ? "" : target,
            what: what,
            wanted: goal.map { "≤ \(duration($0.nanoseconds))" } ?? "",
            reached: duration(mine),
            isReached: goal.map { mine <= $0.nanoseconds },
            rival: peer.map(duration) ?? "not run",
            ratio: peer.map { ratio(Double(mine), Double($0)) } ?? "",
            trials: "\(name), n = \(trials)"
        )
        .show()
    }
}
