/// A text in which metrics are told.
enum Exposition: Hashable, Sendable, CaseIterable {
    /// Prometheus' own, version 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.
    case openMetrics

    var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What an `Accept` header wishes: OpenMetrics where it is named, and wished for no less than
    /// plain text; else plain text, which everybody reads.
    init(accept: String?) {
        var (open, plain) = (0.0, 0.0)
        for range in (accept ?? "").lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            let options = parts.dropFirst()
            let weight =
                options.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            let version = options.first { $0.hasPrefix("version=") }?.dropFirst("version=".count)
            switch parts.first {
            case "application/openmetrics-text" where version == nil || version == "1.0.0":
                open = max(open, weight)
            case "text/plain": plain = max(plain, weight)
            case _: break
            }
        }
        self = open > 0 && open >= plain ? .openMetrics : .prometheus
    }

    /// What all series of a metric are called together.
    func family(_ name: String, _ kind: Metric.Kind) -> String {
        guard self == .openMetrics, kind == .counter, name.hasSuffix("_total") else { return name }
        return String(name.dropLast("_total".count))
    }

    /// A bound of a histogram: OpenMetrics wants it to look like a fraction.
    func bound(_ text: String) -> String {
        guard self == .openMetrics, text.allSatisfy(\.isNumber) else { return text }
        return "\(text).0"
    }

    /// What stands after all metrics.
    var end: String { self == .openMetrics ? "# EOF\n" : "" }
}
