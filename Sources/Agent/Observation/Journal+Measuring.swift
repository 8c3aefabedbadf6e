import Gossip
import Metrics
import Registry
import Vocabulary

/// One number for a machine, under a name of the catalogue.
extension Journal {
    func count(_ metric: Metric, _ dimensions: [String: String] = [:], by amount: Int = 1) {
        Counter(label: metric.name, dimensions: pairs(metric, dimensions), factory: metrics)
            .increment(by: amount)
    }

    /// Sets a counter that somebody else counts.
    func total(_ metric: Metric, _ dimensions: [String: String] = [:], is value: Int) {
        metrics.setCounter(metric, pairs(metric, dimensions), to: value)
    }

    func gauge(_ metric: Metric, _ dimensions: [String: String] = [:], to value: Double) {
        Recorder(
            label: metric.name,
            dimensions: pairs(metric, dimensions),
            aggregate: false,
            factory: metrics
        )
        .record(value)
    }

    /// What puts values into the buckets of a histogram.
    func recorder(_ metric: Metric, _ dimensions: [String: String] = [:]) -> Recorder {
        Recorder(
            label: metric.name,
            dimensions: pairs(metric, dimensions),
            aggregate: true,
            factory: metrics
        )
    }

    /// Puts one value into its bucket of a histogram.
    func observe(_ metric: Metric, _ dimensions: [String: String] = [:], value: Double) {
        recorder(metric, dimensions).record(value)
    }

    /// Sets a histogram without labels that somebody else counts: for each bound of the catalogue
    /// how many were at most that and more than the bound before, and at last how many were more
    /// than all.
    func histogram(_ metric: Metric, counts: [Int], sum: Double) {
        metrics.setHistogram(metric, counts: counts, sum: sum)
    }

    private func pairs(
        _ metric: Metric,
        _ dimensions: [String: String]
    ) -> [(String, String)] {
        Array(zip(metric.labels, metric.values(dimensions)))
    }

    /// Counts what happened.
    func measure(_ incident: Incident) {
        switch incident {
        case .addressChanged(let change): count(.addressChanges, ["reason": change.label])
        case .claimLost(_, let resource, _): count(.allocationConflicts, ["pool": resource.pool])
        case .memberChanged(_, _, _, let state): count(.memberChanges, ["state": "\(state)"])
        case .refuted: count(.refutations)
        case .reconciling(_, let half): count(.antiEntropyRounds, ["half": "\(half)"])
        case .queueFull(let number): count(.queueDropped, by: number)
        // Those of `refusalLabel` are counted by it, troubles as they stand, and of the others
        // each is one line for a person.
        case .datagramRefused, .recordMalformed, .recordRefused, .recordUnread,
            .accusationRefused,
            .incarnationSurpassed, .clockUnbelievable, .duplicateIdentity, .poolExhausted,
            .retracted, .troubleBegan, .troubleEnded, .revoked, .faultProven, .authorForgotten,
            .expelled, .nameShared, .recertified:
            break
        }
    }
}

extension Resource {
    /// The label of the metric.
    fileprivate var pool: String {
        switch self {
        case .address: "clusterip"
        case .nodePort: "nodeport"
        }
    }
}
