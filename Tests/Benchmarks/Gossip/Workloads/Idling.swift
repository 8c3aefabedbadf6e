import BenchWorld
import Vocabulary

/// T8 and T9: what a cluster says that has nothing to tell.
extension Workloads {
    func idle() {
        for usual in [100, 1000] where usual == 100 || !options.isQuick {
            let machines = usual == 100 ? min(100, options.machines(100)) : options.machines(1000)
            let seconds = usual == 100 ? 30 : 10
            let conditions = conditions(machines, worlds: 1)
            let (ours, rivals) = both(conditions) {
                idle(&$0, seconds)
            } _: {
                idle(&$0, 10 * seconds)
            }
            let bytes = ours.reduce(0) { $0 + $1 } / max(1, ours.count)
            let theirs = rivals.reduce(0) { $0 + $1 } / max(1, rivals.count)
            Line(
                target: "T9",
                what: "idle: payload of a node each way",
                wanted: "≤ 600 B/s",
                reached: "\(bytes) B/s",
                isReached: bytes <= 600,
                rival: options.hasRival ? "\(theirs) B/s" : "",
                trials: trials(conditions, "\(seconds) s")
            )
            .show()
        }
    }

    /// - Returns: Bytes a second that each machine sends, and so receives.
    private func idle(_ cluster: inout some Cluster, _ seconds: Int) -> Int {
        cluster.ledger.empty()
        cluster.run(for: .seconds(seconds))
        return cluster.ledger.traffic.bytes / cluster.ledger.open.count / seconds
    }
}
