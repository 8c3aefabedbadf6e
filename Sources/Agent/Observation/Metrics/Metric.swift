/// One thing that is measured, as monitoring systems know it: its name never changes its meaning.
///
/// Everything the agent measures is one of `Metric.all`. Names follow Prometheus: base units, and
/// `_total` for what only rises.
struct Metric: Sendable {
    let name: String
    let kind: Kind
    /// One sentence for whoever meets the name in a query: the meaning and the unit.
    let help: String
    /// The names of its labels, sorted.
    let labels: [String]
    /// The values of its labels, in their order, of which a series is there from the start: where a
    /// counter first appears when it is 1 already, no query sees it rise.
    let series: [[String]]

    enum Kind: Hashable, Sendable {
        /// Only rises, until the agent starts anew.
        case counter
        case gauge
        /// The upper bounds of its buckets, rising; the last bucket has none.
        case histogram([Double])

        /// As the text format calls it.
        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    private init(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        labels: [String],
        series: [[String]]
    ) {
        precondition(labels == labels.sorted(), "the labels of \(name) are not sorted")
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.series = series
    }

    /// A count without labels, 0 from the start.
    static func counter(_ name: String, _ help: String) -> Metric {
        Metric(name, .counter, help, labels: [], series: [[]])
    }

    /// A count with one label, 0 from the start for each value that is known.
    static func counter(
        _ name: String,
        _ help: String,
        by label: String,
        known values: [String]
    ) -> Metric {
        Metric(name, .counter, help, labels: [label], series: values.map { [$0] })
    }

    /// A count whose series come as they are needed.
    static func counter(_ name: String, _ help: String, labels: [String]) -> Metric {
        Metric(name, .counter, help, labels: labels, series: [])
    }

    static func gauge(_ name: String, _ help: String, labels: [String] = []) -> Metric {
        Metric(name, .gauge, help, labels: labels, series: [])
    }

    /// - Parameters:
    ///   - name: Of the metric.
    ///   - help: What it means.
    ///   - labels: The names of its labels.
    ///   - bounds: The upper bounds of its buckets, in its unit.
    ///   - begins: Whether it is there before the first value, as far as it has no labels.
    /// - Returns: A distribution of values.
    static func histogram(
        _ name: String,
        _ help: String,
        labels: [String] = [],
        upTo bounds: [Double],
        begins: Bool = true
    ) -> Metric {
        Metric(
            name,
            .histogram(bounds),
            help,
            labels: labels,
            series: labels.isEmpty && begins ? [[]] : []
        )
    }

    /// The values of labels in the order of their names.
    func values(_ dimensions: [String: String]) -> [String] {
        precondition(
            dimensions.keys.sorted() == labels,
            "\(name) has the labels \(labels), and not \(dimensions.keys.sorted())"
        )
        return labels.map { dimensions[$0] ?? "" }
    }
}
