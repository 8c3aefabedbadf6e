import Metrics
import Synchronization

/// A back end of swift-metrics that remembers numbers and prints them as Prometheus reads them,
/// each with the words of the catalogue.
final class TextMetrics: MetricsFactory {
    private let families: Mutex<[String: Family]>

    /// All series of one name.
    private struct Family {
        let kind: Metric.Kind
        /// Empty where the name is not in the catalogue.
        let help: String
        let labels: [String]
        var series: [[String]: Series]
    }

    init(_ catalogue: [Metric] = Metric.all) {
        var families: [String: Family] = [:]
        for metric in catalogue {
            var family = Family(
                kind: metric.kind,
                help: metric.help,
                labels: metric.labels,
                series: [:]
            )
            for values in metric.series { family.series[values] = Series(metric.kind) }
            families[metric.name] = family
        }
        self.families = Mutex(families)
    }

    /// Everything at one moment, sorted, in Prometheus' own format.
    var text: String { text(.prometheus) }

    /// Everything at one moment, sorted.
    func text(_ form: Exposition) -> String {
        let all = families.withLock { $0 }
        var lines: [String] = []
        for name in all.keys.sorted() {
            guard let family = all[name], !family.series.isEmpty else { continue }
            let title = form.family(name, family.kind)
            if !family.help.isEmpty {
                let help = form == .openMetrics ? Self.escaped(family.help) : Self.line(family.help)
                lines.append("# HELP \(title) \(help)")
            }
            lines.append("# TYPE \(title) \(family.kind.word)")
            for values in family.series.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                let labels = zip(family.labels, values).map { "\($0)=\"\(Self.escaped($1))\"" }
                lines += family.series[values]?.lines(name, labels, form) ?? []
            }
        }
        return lines.joined(separator: "\n") + "\n" + form.end
    }

    /// Makes these the only series of a metric: what is not among them is no more.
    ///
    /// - Parameters:
    ///   - metric: A counter that lives elsewhere, or a gauge.
    ///   - values: By the values of its labels.
    func replace(_ metric: Metric, with values: [[String]: Double]) {
        var series: [[String]: Series] = [:]
        for (labels, value) in values {
            let one = Series(metric.kind)
            one.record(value)
            series[labels] = one
        }
        families.withLock { $0[metric.name]?.series = series }
    }

    /// The same of a histogram.
    func replace(_ metric: Metric, withDistributions values: [[String]: Series.Distribution]) {
        var series: [[String]: Series] = [:]
        for (labels, value) in values {
            let one = Series(metric.kind)
            one.set(counts: value.counts, sum: value.sum)
            series[labels] = one
        }
        families.withLock { $0[metric.name]?.series = series }
    }

    /// Takes over what a counter that lives elsewhere has reached.
    func setCounter(_ metric: Metric, _ dimensions: [(String, String)], to value: Int) {
        series(metric.name, dimensions, metric.kind).record(Int64(value))
    }

    /// Takes over a histogram that lives elsewhere.
    ///
    /// - Parameters:
    ///   - metric: A histogram without labels.
    ///   - counts: For each of its bounds how many were between it and the one before, and at last
    ///     the rest.
    ///   - sum: Of all values.
    func setHistogram(_ metric: Metric, counts: [Int], sum: Double) {
        series(metric.name, [], metric.kind).set(counts: counts, sum: sum)
    }

    private func series(
        _ name: String,
        _ dimensions: [(String, String)],
        _ kind: Metric.Kind
    ) -> Series {
        let pairs = dimensions.sorted { $0 < $1 }
        return families.withLock { families in
            var family =
                families[name]
                ?? Family(kind: kind, help: "", labels: pairs.map(\.0), series: [:])
            let values = pairs.map(\.1)
            if let known = family.series[values] { return known }
            let series = Series(family.kind)
            family.series[values] = series
            families[name] = family
            return series
        }
    }

    private static func escaped(_ text: String) -> String {
        line(text).replacing("\"", with: "\\\"")
    }

    private static func line(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }

    func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        series(label, dimensions, .gauge)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .gauge)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
