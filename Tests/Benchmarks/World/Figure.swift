/// One line of the report: what was measured, what was wanted of it, and what limits it.
package struct Figure {
    private let what: String
    private let target: String
    private let reached: String
    private let isReached: Bool?
    private let limit: String

    private init(
        _ what: String,
        _ target: String,
        _ reached: String,
        _ isReached: Bool?,
        _ limit: String
    ) {
        self.what = what
        self.target = target
        self.reached = reached
        self.isReached = isReached
        self.limit = limit
    }

    /// A figure that should not be greater than a number.
    package static func atMost(
        _ what: String,
        _ target: Double,
        _ unit: String,
        is value: Double,
        limit: String = ""
    ) -> Figure {
        Figure(what, "≤ \(text(target)) \(unit)", "\(text(value)) \(unit)", value <= target, limit)
    }

    /// A figure that should not be less than a number.
    package static func atLeast(
        _ what: String,
        _ target: Double,
        _ unit: String,
        is value: Double,
        limit: String = ""
    ) -> Figure {
        Figure(what, "≥ \(text(target)) \(unit)", "\(text(value)) \(unit)", value >= target, limit)
    }

    /// A figure that nothing was asked of, told because it explains another one.
    package static func told(
        _ what: String,
        _ unit: String,
        is value: Double,
        limit: String = ""
    ) -> Figure {
        Figure(what, "", "\(text(value)) \(unit)", nil, limit)
    }

    /// Prints the line.
    package func show() {
        let mark = isReached.map { $0 ? "✓" : "✗" } ?? " "
        let columns = [Self.pad(what, 58), Self.pad(target, 16), Self.pad(reached, 18)]
        print("\(mark) \(columns.joined(separator: " ")) \(limit)")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Whole where it is large, with two digits behind the point where it is small.
    private static func text(_ value: Double) -> String {
        if value >= 100 || value == value.rounded() { return String(Int64(value.rounded())) }
        let hundredths = Int64((value * 100).rounded())
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count < 2 ? "0" : "")\(rest)"
    }
}

/// Durations of single steps, in nanoseconds.
package struct Samples {
    private var values: [Int64] = []

    package init() {}

    package mutating func add(_ value: Int64) { values.append(value) }

    /// The value that so many of a hundred are not above, in microseconds.
    package func microseconds(percentile: Int) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return Double(sorted[min(sorted.count - 1, sorted.count * percentile / 100)]) / 1000
    }

    /// The mean, in microseconds.
    package var mean: Double {
        values.isEmpty ? 0 : Double(values.reduce(0, +)) / Double(values.count) / 1000
    }
}
