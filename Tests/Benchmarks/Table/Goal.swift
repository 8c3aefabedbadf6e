/// What is asked of the table (design, dataplane.md, "What must be measured").
struct Goal {
    let nanoseconds: Int64

    init(seconds: Double) { nanoseconds = Int64(seconds * 1e9) }

    /// The sizes that the page speaks of have two endpoints.
    static func cold(_ flavour: Flavour, _ services: Int, _ endpoints: Int) -> Goal? {
        guard endpoints == 2 else { return nil }
        switch (flavour, services) {
        case (.legacy, 10_000): return Goal(seconds: 0.6)
        case (.nft, 10_000): return Goal(seconds: 5)
        case (.nft, 5_000): return Goal(seconds: 1)
        case _: return nil
        }
    }

    static func update(_ flavour: Flavour, _ services: Int, _ endpoints: Int) -> Goal? {
        guard endpoints == 2, services == 10_000 else { return nil }
        return Goal(seconds: flavour == .nft ? 0.08 : 0.15)
    }

    /// Microseconds of a first packet; of a miss, how many more than without rules.
    struct Packet {
        let p50: Double
        var p99: Double?

        func text(isMiss: Bool) -> String {
            if isMiss { return "≤ direct + \(Int(p50)) µs" }
            return "≤ \(Int(p50))" + (p99.map { ", \(Int($0))" } ?? "") + " µs"
        }
    }

    static func packet(
        _ flavour: Flavour,
        _ services: Int,
        _ endpoints: Int,
        _ what: String
    ) -> Packet? {
        guard endpoints == 2 else { return nil }
        switch (what, flavour, services) {
        case ("no service", _, 10_000): return Packet(p50: 2)
        case ("any service", .legacy, 10_000): return Packet(p50: 9, p99: 15)
        case ("any service", .legacy, 30_000): return Packet(p50: 10)
        case ("any service", .nft, 5_000): return Packet(p50: 12)
        case _: return nil
        }
    }
}
