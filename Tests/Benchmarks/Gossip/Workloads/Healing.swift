import BenchWorld
import Vocabulary

/// T7 and T8: what becomes of a divided cluster, and of a record that nobody got.
extension Workloads {
    struct Heal {
        /// Until all were equal, and until all saw all alive; `nil` where that did not come.
        let equal: Duration?
        let met: Duration?
        /// What was sent until then beyond what an idle cluster sends.
        let bytes: Int
        /// What was news to whoever got it, of all this.
        let difference: Int
    }

    func heal() {
        let machines = options.machines(200)
        for length in [Duration.seconds(20), .seconds(180)] {
            if options.isQuick, length > .seconds(20) { continue }
            let conditions = conditions(machines, worlds: 2)
            let (ours, rivals) = both(conditions) {
                heal(&$0, length)
            } _: {
                heal(&$0, length)
            }
            let equal = ours.map(\.equal)
            let isFast = equal.allSatisfy { ($0 ?? .seconds(1000)) <= .seconds(5) }
            let bytes = ours.reduce(0) { $0 + $1.bytes }
            let difference = ours.reduce(0) { $0 + $1.difference }
            Line(
                target: "T7",
                what: "halves for \(length.text), 5 % changed: equal, all met; bytes ÷ difference",
                wanted: "≤ 5 s; ≤ 2",
                reached: words(ours),
                isReached: isFast && bytes <= 2 * difference && !ours.isEmpty,
                rival: rivals.isEmpty ? "" : words(rivals),
                trials: trials(conditions, "1 heal")
            )
            .show()
        }
    }

    private func words(_ heals: [Heal]) -> String {
        let equal = heals.map { $0.equal?.text ?? "never" }.joined(separator: ", ")
        let met = heals.map { $0.met?.text ?? "never" }.joined(separator: ", ")
        let bytes = heals.reduce(0) { $0 + $1.bytes }
        let difference = heals.reduce(0) { $0 + $1.difference }
        return "\(equal); \(met); \(ratio(bytes, difference))"
    }

    private func heal(_ cluster: inout some Cluster, _ length: Duration) -> Heal {
        let size = cluster.ledger.open.count
        let writers = prepareWriters(&cluster, size / 20)
        let idle = cluster.ledger.traffic.bytes
        cluster.run(for: .seconds(5))
        let perSecond = (cluster.ledger.traffic.bytes - idle) / 5
        let left = Array(0..<size / 2)
        let right = Array(size / 2..<size)
        cluster.partition([left, right])
        cluster.run(for: length / 2)
        for writer in writers { cluster.write(on: writer) }
        cluster.run(for: length / 2)
        let before = cluster.ledger.traffic
        cluster.openDatagrams(options.itemizes)
        cluster.heal()
        let start = cluster.now
        let equal = cluster.run(atMost: .seconds(120)) {
            $0.ledger.awaited == 0 && $0.allEqual
        }
        let seconds = Int((cluster.now - start).wholeMilliseconds)
        let bytes = cluster.ledger.traffic.bytes - before.bytes - perSecond * seconds / 1000
        itemize(cluster.ledger.traffic, machines: size)
        cluster.openDatagrams(false)
        // A node tells its disk a moment later.
        cluster.run(for: .milliseconds(100))
        let useful = cluster.ledger.traffic.usefulBytes - before.usefulBytes
        let met = cluster.run(atMost: .seconds(120)) { $0.allMeet }
        return Heal(
            equal: equal,
            met: met.map { _ in cluster.now - start },
            bytes: max(0, bytes),
            difference: useful
        )
    }
}
