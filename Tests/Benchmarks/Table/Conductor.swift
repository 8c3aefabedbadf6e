import BenchWorld
import Glibc

/// Measures one cell after the other, each in a process of its own, so that one that takes too
/// long or fails costs the others nothing.
struct Conductor {
    let options: Options

    /// What a cell may take, in seconds, before it is ended.
    private static let patience = 900
    private static let fullPatience = 7_200

    func run() throws {
        if let obstacle { throw BenchFailure(obstacle) }
        if options.isCell { return try measure() }
        print(Line.titles(rival: "kube-proxy's layout", hasRatio: true))
        fflush(nil)
        if options.wants("agent"), let flavour = options.flavours.first {
            for (size, count) in [("1000", "2"), ("10000", "2"), ("10000", "4")] {
                run("agent", flavour, ["--sizes", size, "--endpoints", count])
            }
        }
        for flavour in options.flavours {
            if options.wants("agent-rss") {
                run("agent-rss", flavour, ["--sizes", "10000", "--endpoints", "4"])
            }
            if options.wants("load") {
                for count in options.endpoints {
                    for size in options.sizes {
                        run("load", flavour, ["--sizes", "\(size)", "--endpoints", "\(count)"])
                    }
                }
            }
            for part in ["reload", "balance"] where options.wants(part) { run(part, flavour) }
        }
    }

    /// Why nothing can be measured here, or `nil`.
    private var obstacle: String? {
        if geteuid() != 0 { return "rules are written by root: sudo make bench-table" }
        let needed =
            ["ip", "timeout", "conntrack"]
            + options.flavours.flatMap { flavour in
                ["restore", "save"].map { "iptables-\(flavour.rawValue)-\($0)" }
            }
        let missing = needed.filter { Child.path(of: $0) == nil }
        if missing.isEmpty { return nil }
        return missing.joined(separator: ", ")
            + " not found: sudo apt install iptables iproute2 conntrack"
    }

    private func measure() throws {
        for flavour in options.flavours {
            if options.wants("reload") {
                try Reloading(flavour: flavour, hasPeer: options.hasPeer).run()
            }
            if options.wants("balance") { try Balancing(flavour: flavour).run() }
            for count in options.endpoints {
                for size in options.sizes {
                    if options.wants("agent") {
                        try AgentSide(services: size, endpoints: count).run()
                    }
                    if options.wants("agent-rss") {
                        let run = AgentRun(flavour: flavour, services: size, endpoints: count)
                        try run.run()
                    }
                    guard options.wants("load") else { continue }
                    let hasPeer = options.hasPeer && isBearable(flavour, size, count)
                    let cell = Cell(
                        flavour: flavour,
                        services: size,
                        endpoints: count,
                        hasPeer: hasPeer
                    )
                    try cell.run()
                }
            }
        }
    }

    /// Whether the peer's layout loads within a minute or so: iptables-nft takes time by more
    /// than the square of the chains.
    private func isBearable(_ flavour: Flavour, _ services: Int, _ endpoints: Int) -> Bool {
        options.isFull || flavour == .legacy || services * (1 + endpoints) <= 15_000
    }

    private func run(_ part: String, _ flavour: Flavour, _ size: [String] = []) {
        let patience = options.isFull ? Self.fullPatience : Self.patience
        var words = ["timeout", "-k", "5", "\(patience)", CommandLine.arguments[0], "--cell"]
        words += ["--only", part, "--flavours", flavour.rawValue] + size
        if options.isFull { words.append("--full") }
        if !options.hasPeer { words.append("--no-peer") }
        let status = Child.follow(words)
        let name = words.dropFirst(6).joined(separator: " ")
        if status == 124 {
            complain("\(name): took more than \(patience) s and was ended")
        } else if status != 0 {
            complain("\(name): ended with status \(status)")
        }
    }
}
