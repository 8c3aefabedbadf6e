import BenchWorld
import Vocabulary

/// T1 and T2: how fast news come to everybody, and what that costs.
extension Workloads {
    private static let writes = 10

    func spread() {
        let machines = options.machines(1000)
        for loss in [0, 50, 200] {
            let conditions = conditions(machines, worlds: 2, lossPerMille: loss)
            let (ours, rivals) = both(conditions) {
                write(&$0)
            } _: {
                write(&$0)
            }
            let mine = Spans(ours.flatMap(\.all))
            let theirs = Spans(rivals.flatMap(\.all))
            let missing = ours.reduce(0) { $0 + $1.missing }
            let isFast = mine.percentile(99) <= .milliseconds(50)
            let limit: Duration = loss == 0 ? .milliseconds(300) : .seconds(1)
            Line(
                target: "T1",
                what: "one record to all, \(loss / 10) % loss: p50, p99, last",
                wanted: loss == 0 ? "p99 ≤ 50 ms, last ≤ 300 ms" : "last ≤ 1 s",
                reached: words(mine) + (missing > 0 ? ", \(missing) missing" : ""),
                isReached: mine.longest <= limit && (loss > 0 || isFast) && missing == 0,
                rival: options.hasRival ? words(theirs) : "",
                trials: trials(conditions, "\(Self.writes) records")
            )
            .show()
        }
    }

    private func words(_ spans: Spans) -> String {
        "\(spans.percentile(50).text), \(spans.percentile(99).text), \(spans.longest.text)"
    }

    private func write(_ cluster: inout some Cluster) -> (all: [Duration], missing: Int) {
        let writers = prepareWriters(&cluster, Self.writes)
        for writer in writers {
            cluster.write(on: writer)
            _ = cluster.run(atMost: .seconds(20)) { $0.ledger.awaited == 0 }
        }
        let all = cluster.ledger.news.flatMap { $0.arrivals.compactMap(\.self) }
        return (all, cluster.ledger.awaited)
    }

    /// Machines that have something to write, evenly over the cluster.
    func prepareWriters(_ cluster: inout some Cluster, _ count: Int) -> [Int] {
        let size = cluster.ledger.open.count
        let writers = (0..<count).map { $0 * size / count }
        for writer in Set(writers).sorted() { cluster.prepare(writer: writer) }
        cluster.run(for: .seconds(8))
        cluster.ledger.empty()
        return writers
    }

    // MARK: T2

    func countSends() {
        let machines = options.machines(1000)
        let conditions = conditions(machines, worlds: 1)
        let writes = 3
        let (ours, rivals) = both(conditions) { cluster in
            let writers = prepareWriters(&cluster, writes)
            cluster.openDatagrams(true)
            for writer in writers {
                cluster.write(on: writer)
                cluster.run(for: .seconds(2))
            }
            return cluster.ledger.traffic
        } _: { cluster in
            for writer in prepareWriters(&cluster, writes) {
                cluster.write(on: writer)
                cluster.run(for: .seconds(10))
            }
            return cluster.ledger.traffic
        }
        let shares = conditions.count * writes * machines
        let payloads = ours.reduce(0) { $0 + $1.payloads }
        let names = ours.reduce(0) { $0 + $1.names }
        let theirs = rivals.reduce(0) { $0 + $1.payloads }
        Line(
            target: "T2",
            what: "sends of a record, and of its name, by each node",
            wanted: "≤ 4 and ≤ 5",
            reached: "\(ratio(payloads, shares)) and \(ratio(names, shares))",
            isReached: payloads <= 4 * shares && names <= 5 * shares,
            rival: options.hasRival ? ratio(theirs, shares) : "",
            trials: trials(conditions, "\(writes) records")
        )
        .show()
    }
}
