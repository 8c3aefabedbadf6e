import Metrics
import Synchronization

/// A back end of swift-metrics that remembers numbers and prints them as Prometheus reads them
/// (text format 0.0.4).
final class TextMetrics: MetricsFactory {
    private let cells = Mutex<[Name: Cell]>([:])
    private let histograms = Mutex<[String: [String]]>([:])

    private struct Name: Hashable, Comparable {
        let label: String
        let dimensions: [String]

        static func < (left: Name, right: Name) -> Bool {
            left.label != right.label
                ? left.label < right.label
                : left.dimensions.lexicographicallyPrecedes(right.dimensions)
        }
    }

    /// Everything at one moment, sorted.
    var text: String {
        let all = cells.withLock { $0 }
        var lines: [String] = []
        var last: String?
        for name in all.keys.sorted() {
            guard let cell = all[name] else { continue }
            if name.label != last {
                lines.append("# TYPE \(name.label) \(cell.kind)")
                last = name.label
            }
            let labels =
                name.dimensions.isEmpty
                ? "" : "{\(name.dimensions.joined(separator: ","))}"
            lines.append("\(name.label)\(labels) \(cell.text)")
        }
        let histograms = histograms.withLock { $0 }
        for name in histograms.keys.sorted() {
            lines += ["# TYPE \(name) histogram"] + (histograms[name] ?? [])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Takes over a histogram that lives elsewhere.
    ///
    /// - Parameters:
    ///   - label: Its name.
    ///   - bounds: Upper bounds, rising.
    ///   - counts: For each bound how many were between it and the one before, and at last the rest.
    ///   - sum: Of all values.
    func setHistogram(_ label: String, bounds: [Double], counts: [Int], sum: Double) {
        var total = 0
        var lines: [String] = []
        for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], counts) {
            total += count
            lines.append("\(label)_bucket{le=\"\(bound)\"} \(total)")
        }
        lines += ["\(label)_sum \(sum)", "\(label)_count \(total)"]
        histograms.withLock { $0[label] = lines }
    }

    private func cell(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: String
    ) -> Cell {
        let pairs = dimensions.sorted { $0 < $1 }.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
        let name = Name(label: label, dimensions: pairs)
        return cells.withLock { cells in
            if let known = cells[name] { return known }
            let cell = Cell(kind: kind)
            cells[name] = cell
            return cell
        }
    }

    /// Takes over what a counter that lives elsewhere has reached.
    func setCounter(_ label: String, _ dimensions: [(String, String)], to value: Int) {
        cell(label, dimensions, "counter").record(Int64(value))
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(label, dimensions, "counter")
    }

    func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        cell(label, dimensions, "gauge")
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        cell(label, dimensions, "gauge")
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

/// One number under one name and one set of labels.
private final class Cell: CounterHandler, RecorderHandler, TimerHandler {
    let kind: String
    private let value = Mutex(0.0)

    init(kind: String) { self.kind = kind }

    var text: String {
        let number = value.withLock { $0 }
        return number == number.rounded() && abs(number) < 1e15
            ? String(Int64(number)) : String(number)
    }

    func increment(by amount: Int64) { value.withLock { $0 += Double(amount) } }
    func reset() { value.withLock { $0 = 0 } }
    func record(_ number: Int64) { value.withLock { $0 = Double(number) } }
    func record(_ number: Double) { value.withLock { $0 = number } }
    /// Durations are kept in seconds, Prometheus' base unit.
    func recordNanoseconds(_ duration: Int64) { value.withLock { $0 = Double(duration) / 1e9 } }
}
