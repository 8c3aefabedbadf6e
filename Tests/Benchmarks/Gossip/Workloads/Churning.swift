import BenchWorld
import Vocabulary

/// T3 and T4: news while machines come and go, and much of it at once.
extension Workloads {
    func churn() {
        let machines = min(25, options.machines(25))
        let conditions = conditions(machines, worlds: 4, lossPerMille: 10)
        let (ours, rivals) = both(conditions) {
            churn(&$0)
        } _: {
            churn(&$0)
        }
        let mine = Spans(ours.flatMap(\.all))
        let missing = ours.reduce(0) { $0 + $1.missing }
        Line(
            target: "T3",
            what: "a write each 100 ms, a crash and return each 4 s, 1 % loss: p50, p90, p99",
            wanted: "≤ 50 ms, ≤ 200 ms, ≤ 1 s",
            reached: words(mine) + (missing > 0 ? ", \(missing) missing" : ""),
            isReached: mine.percentile(50) <= .milliseconds(50)
                && mine.percentile(90) <= .milliseconds(200)
                && mine.percentile(99) <= .seconds(1) && missing == 0,
            rival: rivals.isEmpty ? "" : words(Spans(rivals.flatMap(\.all))),
            trials: trials(conditions, "60 s")
        )
        .show()
    }

    private func words(_ spans: Spans) -> String {
        [50, 90, 99].map { spans.percentile($0).text }.joined(separator: ", ")
    }

    private func churn(_ cluster: inout some Cluster) -> (all: [Duration], missing: Int) {
        let size = cluster.ledger.open.count
        _ = prepareWriters(&cluster, size)
        var random = RandomStream(Seed(3), "churn")
        var down: Int?
        for turn in 0..<600 {
            if turn % 40 == 0 {
                let victim = 3 + random.below(size - 3)
                cluster.kill(victim)
                down = victim
            }
            if turn % 40 == 30, let machine = down {
                cluster.restart(machine)
                down = nil
            }
            let writer = random.below(size)
            if writer != down { cluster.write(on: writer) }
            cluster.run(for: .milliseconds(100))
        }
        _ = cluster.run(atMost: .seconds(30)) { $0.ledger.awaited == 0 }
        return (
            cluster.ledger.news.flatMap { $0.arrivals.compactMap(\.self) }, cluster.ledger.awaited
        )
    }

    // MARK: T4

    func flood() {
        let machines = options.machines(200)
        let conditions = conditions(machines, worlds: 1)
        let (ours, rivals) = both(conditions) {
            flood(&$0)
        } _: {
            flood(&$0)
        }
        let mine = Spans(ours.flatMap(\.all))
        let missing = ours.reduce(0) { $0 + $1.missing }
        let theirs = Spans(rivals.flatMap(\.all))
        let lost = rivals.reduce(0) { $0 + $1.missing }
        Line(
            target: "T4",
            what: "500 updates a second for 4 s: p99, last",
            wanted: "p99 ≤ 500 ms",
            reached: "\(mine.percentile(99).text), \(mine.longest.text)"
                + (missing > 0 ? ", \(missing) missing" : ""),
            isReached: mine.percentile(99) <= .milliseconds(500) && missing == 0,
            rival: rivals.isEmpty
                ? ""
                : "\(theirs.percentile(99).text), \(theirs.longest.text)"
                    + (lost > 0 ? ", \(grouped(lost)) missing" : ""),
            trials: trials(conditions, "2,000 updates")
        )
        .show()
    }

    private func flood(_ cluster: inout some Cluster) -> (all: [Duration], missing: Int) {
        let writers = prepareWriters(&cluster, min(100, cluster.ledger.open.count))
        for turn in 0..<2000 {
            cluster.write(on: writers[turn % writers.count])
            cluster.run(for: .milliseconds(2))
        }
        _ = cluster.run(atMost: .seconds(30)) { $0.ledger.awaited == 0 }
        return (
            cluster.ledger.news.flatMap { $0.arrivals.compactMap(\.self) }, cluster.ledger.awaited
        )
    }
}
