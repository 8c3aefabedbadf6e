import BenchWorld
import Vocabulary

/// T10: all machines start within a second, and know one.
extension Workloads {
    func join() {
        let machines = options.machines(200)
        let conditions = conditions(machines, worlds: 1)
        let ours = conditions.map { join(Grapevine.starting($0)) }
        let rivals = options.hasRival ? conditions.map { join(Memberlist.starting($0)) } : []
        let isFast = ours.allSatisfy { ($0 ?? .seconds(1000)) <= .seconds(10) }
        Line(
            target: "T10",
            what: "all join through one seed: all see all",
            wanted: "≤ 10 s at 2,000",
            reached: words(ours),
            isReached: isFast,
            rival: words(rivals),
            trials: trials(conditions, "1 start")
        )
        .show()
    }

    private func words(_ spans: [Duration?]) -> String {
        spans.map { $0?.text ?? "never" }.joined(separator: ", ")
    }

    private func join<Candidate: Cluster>(_ start: Candidate) -> Duration? {
        var cluster = start
        cluster.openDatagrams(options.itemizes)
        cluster.run(for: .seconds(1))
        let time = cluster.run(atMost: .seconds(300), until: \.allMeet)
        itemize(cluster.ledger.traffic, machines: cluster.ledger.open.count)
        return time.map { $0 + .seconds(1) }
    }
}
