import BenchWorld
import Vocabulary

/// T8: what it costs to compare when all is equal, and how soon a difference is found.
extension Workloads {
    func repair() {
        let machines = min(100, options.machines(100))
        let conditions = conditions(machines, worlds: 1)
        let (ours, rivals) = both(conditions) { cluster in
            cluster.openDatagrams(true)
            return repair(&cluster, for: 10)
        } _: {
            repair(&$0, for: 300)
        }
        let bytes = ours.first?.bytes ?? 0
        let found = Spans(ours.flatMap(\.found))
        let theirs = Spans(rivals.flatMap(\.found))
        Line(
            target: "T8",
            what:
                "anti-entropy of an idle node; a record that nobody heard of is found, on average",
            wanted: "≤ 100 B/s; ≤ 2 s",
            reached: "\(bytes) B/s; \(found.mean.text)",
            isReached: bytes <= 100 && found.mean <= .seconds(2) && found.count > 0,
            rival: rivals.first.map { "\($0.bytes) B/s; \(theirs.mean.text)" } ?? "",
            trials: trials(conditions, "10 s, 10 records")
        )
        .show()
    }

    private func repair(
        _ cluster: inout some Cluster,
        for seconds: Int
    ) -> (bytes: Int, found: [Duration]) {
        let size = cluster.ledger.open.count
        let writers = prepareWriters(&cluster, 10)
        cluster.run(for: .seconds(seconds))
        let bytes = cluster.ledger.traffic.repairBytes / seconds / size
        var found: [Duration] = []
        for writer in writers {
            cluster.ledger.empty()
            cluster.setLoss(of: writer, perMille: 1000)
            cluster.write(on: writer)
            // So long that a rival's retransmissions are over too.
            cluster.run(for: .milliseconds(1500))
            cluster.setLoss(of: writer, perMille: 0)
            let heal = cluster.now
            let written = cluster.ledger.news.first?.time ?? heal
            _ = cluster.run(atMost: .seconds(120)) { $0.ledger.awaited < size - 1 }
            let first = cluster.ledger.news.first?.arrivals.compactMap(\.self).min()
            if let first { found.append(max(.zero, written + first - heal)) }
        }
        return (bytes, found)
    }
}
