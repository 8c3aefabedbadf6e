import Metrics
import Synchronization

/// The numbers under one name and one set of labels.
final class Series: CounterHandler, RecorderHandler, TimerHandler {
    private let bounds: [Double]?
    private let numbers: Mutex<Numbers>

    /// How values are spread, counted elsewhere.
    struct Distribution: Sendable {
        /// For each bound how many were between it and the one before, and at last the rest.
        let counts: [Int]
        /// Of all values.
        let sum: Double
    }

    private struct Numbers {
        /// Of a counter or a gauge; the sum of a histogram.
        var value = 0.0
        /// For each bound how many were between it and the one before, and at last the rest.
        var counts: [Int]
    }

    init(_ kind: Metric.Kind) {
        if case .histogram(let bounds) = kind {
            self.bounds = bounds
            numbers = Mutex(Numbers(counts: [Int](repeating: 0, count: bounds.count + 1)))
        } else {
            bounds = nil
            numbers = Mutex(Numbers(counts: []))
        }
    }

    /// As the text format has them.
    ///
    /// - Parameters:
    ///   - name: Of the metric.
    ///   - labels: `name="value"`, escaped.
    ///   - form: Which text format.
    /// - Returns: One line, or those of a histogram.
    func lines(_ name: String, _ labels: [String], _ form: Exposition) -> [String] {
        func line(_ suffix: String, _ labels: [String], _ number: String) -> String {
            let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
            return "\(name)\(suffix)\(braces) \(number)"
        }
        let numbers = numbers.withLock { $0 }
        guard let bounds else { return [line("", labels, Self.text(numbers.value))] }
        var lines: [String] = []
        var total = 0
        for (bound, count) in zip(
            bounds.map { form.bound(Self.text($0)) } + ["+Inf"],
            numbers.counts
        ) {
            total += count
            lines.append(line("_bucket", labels + ["le=\"\(bound)\""], String(total)))
        }
        lines.append(line("_sum", labels, Self.text(numbers.value)))
        lines.append(line("_count", labels, String(total)))
        return lines
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }

    /// Takes over what was counted elsewhere.
    func set(counts: [Int], sum: Double) {
        precondition(
            counts.count == (bounds?.count ?? -1) + 1,
            "\(counts.count) counts for \(bounds?.count ?? 0) bounds"
        )
        numbers.withLock { $0 = Numbers(value: sum, counts: counts) }
    }

    func increment(by amount: Int64) { numbers.withLock { $0.value += Double(amount) } }

    func reset() {
        numbers.withLock { numbers in
            numbers.value = 0
            for index in numbers.counts.indices { numbers.counts[index] = 0 }
        }
    }

    func record(_ number: Int64) { record(Double(number)) }

    func record(_ number: Double) {
        numbers.withLock { numbers in
            guard let bounds else {
                numbers.value = number
                return
            }
            var place = 0
            while place < bounds.count, number > bounds[place] { place += 1 }
            numbers.counts[place] += 1
            numbers.value += number
        }
    }

    /// Durations are kept in seconds, Prometheus' base unit.
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
