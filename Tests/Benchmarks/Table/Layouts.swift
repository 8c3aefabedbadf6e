import BenchWorld
import Registry
import Translation

/// Somebody's rules for the services of a world, as texts for `iptables-restore`.
protocol Layout {
    /// What `iptables-restore` is called with.
    var options: [String] { get }

    /// The texts that bring a kernel without rules there, in order.
    mutating func first(_ world: TableWorld) -> [String]

    /// The texts that follow a change of one service, in order.
    mutating func next(_ world: TableWorld, changed: Int) -> [String]

}

/// Ours, as the agent makes them.
struct OurLayout: Layout {
    let options = ["-w", "5", "--noflush"]

    private let flavour: Flavour
    private var renderer = Renderer()
    private(set) var written = TranslationTable.empty

    init(_ flavour: Flavour) { self.flavour = flavour }

    mutating func first(_ world: TableWorld) -> [String] { next(world.view) }

    mutating func next(_ world: TableWorld, changed: Int) -> [String] { next(world.view) }

    /// The texts that lead to a view, in order.
    mutating func next(_ view: ClusterView) -> [String] {
        let wanted = renderer.render(view, on: TableWorld.machine).table
        defer { written = wanted }
        return wanted.runs(from: written, chainsPerRun: flavour.chainsPerRun).map(\.text)
    }
}

/// That of kube-proxy.
struct TheirLayout: Layout {
    let options = PeerLayout.options

    private var endpointChains: [[String]] = []

    mutating func first(_ world: TableWorld) -> [String] {
        let layout = PeerLayout(of: world.services)
        endpointChains = world.services.map(layout.endpointChains)
        return [layout.full(world.services)]
    }

    mutating func next(_ world: TableWorld, changed: Int) -> [String] {
        let layout = PeerLayout(of: world.services)
        let service = world.services[changed]
        let chains = layout.endpointChains(of: service)
        let gone = endpointChains[changed].filter { !chains.contains($0) }
        endpointChains[changed] = chains
        return [layout.partial(world.services, changed: [service], gone: gone)]
    }
}

/// What it cost to bring rules into the kernel.
struct Cost {
    /// Nanoseconds for making the texts, and for all of it.
    private(set) var rendering: Int64 = 0
    private(set) var wall: Int64 = 0
    /// Nanoseconds of processor time of `iptables-restore` and of what made the texts.
    private(set) var processor: Int64 = 0
    /// Nanoseconds of the longest run of `iptables-restore`: no lock is held longer.
    private(set) var longestRun: Int64 = 0
    private(set) var runs = 0
    private(set) var bytes = 0
    private(set) var rules = 0

    /// Makes texts and writes them.
    init<Some: Layout>(
        _ layout: inout Some,
        on machine: Machine,
        texts make: (inout Some) -> [String]
    ) throws {
        let (begin, work) = (wallTime(), processTime())
        let texts = make(&layout)
        rendering = wallTime() - begin
        for text in texts {
            let result = try machine.restoreWell(text, layout.options)
            longestRun = max(longestRun, result.wall)
            processor += result.processor
        }
        wall = wallTime() - begin
        processor += processTime() - work
        runs = texts.count
        bytes = texts.reduce(0) { $0 + $1.utf8.count }
        rules = texts.reduce(0) { $0 + Self.rules(in: $1) }
    }

    /// How many rules a text writes.
    static func rules(in text: String) -> Int {
        text.split(separator: "\n").count { $0.hasPrefix("-A ") || $0.hasPrefix("-I ") }
    }
}
