import Foundation
import Vocabulary

/// How many random views packets are sent through.
///
/// A few, or as many as `make table-views` asks for. Each seed is a village that lives on from
/// view to view.
enum KernelViews {
    static let perSeed = count.map { min($0, 50) } ?? 3

    /// To play one again: `make table-views SEED=...`, with the number that a failure names.
    static let seeds: [Seed] = {
        let first = number("GRAPEVINE_SEED") ?? 0
        let seeds = count.map { ($0 + perSeed - 1) / perSeed } ?? 3
        return (0..<seeds).map { Seed(UInt64(first + $0)) }
    }()

    private static let count = number("GRAPEVINE_VIEWS")

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { text in
            text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
        }
    }
}
