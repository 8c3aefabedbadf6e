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
        guard options.parts.contains("load") else { return }
        for flavour in options.flavours {
            for count in options.endpoints {
                for size in options.sizes { runCell(flavour, size, count) }
            }
        }
    }

    /// Why nothing can be measured here, or `nil`.
    private var obstacle: String? {
        if geteuid() != 0 { return "rules are written by root: sudo make bench-table" }
        let needed =
            ["ip", "timeout"]
            + options.flavours.flatMap { flavour in
                ["restore", "save"].map { "iptables-\(flavour.rawValue)-\($0)" }
            }
        let missing = needed.filter { Child.path(of: $0) == nil }
        if missing.isEmpty { return nil }
        return missing.joined(separator: ", ") + " not found: sudo apt install iptables iproute2"
    }

    private func measure() throws {
        defer { unlink(Child.lockFile) }
        for flavour in options.flavours {
            for count in options.endpoints {
                for size in options.sizes {
                    let cell = Cell(
                        flavour: flavour,
                        services: size,
                        endpoints: count,
                        hasPeer: options.hasPeer && isBearable(flavour, size, count)
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

    private func runCell(_ flavour: Flavour, _ size: Int, _ count: Int) {
        let patience = options.isFull ? Self.fullPatience : Self.patience
        var words = [
            "timeout", "-k", "5", "\(patience)", "/proc/self/exe", "--cell", "--flavours",
            flavour.rawValue, "--sizes", "\(size)", "--endpoints", "\(count)",
        ]
        words[4] = CommandLine.arguments[0]
        if options.isFull { words.append("--full") }
        if !options.hasPeer { words.append("--no-peer") }
        let status = Child.follow(words)
        if status == 124 {
            complain("\(flavour.rawValue) \(size) × \(count) took more than \(patience) s: ended")
        } else if status != 0 {
            complain("\(flavour.rawValue) \(size) × \(count) ended with status \(status)")
        }
    }
}
