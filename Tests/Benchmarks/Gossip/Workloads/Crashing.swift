import BenchWorld
import Vocabulary

/// T5: how soon everybody knows that a machine crashed.
extension Workloads {
    struct Crash {
        /// From the crash until a machine stopped giving it new flows, and until it was given up.
        var suspected: [Duration] = []
        var buried: [Duration] = []
        /// Judgements that never came.
        var missing = 0
    }

    func crash() {
        for (usual, limit) in [(100, Duration.seconds(4)), (1000, .seconds(5))]
        where usual == 100 || !options.isQuick {
            let machines = usual == 100 ? min(100, options.machines(100)) : options.machines(1000)
            let conditions = conditions(machines, worlds: usual == 100 ? 4 : 1)
            let crashes = usual == 100 ? 10 : 5
            let (ours, rivals) = both(conditions) {
                crash(&$0, crashes)
            } _: {
                crash(&$0, crashes)
            }
            let mine = Spans(ours.flatMap(\.suspected))
            let dead = Spans(ours.flatMap(\.buried))
            let missing = ours.reduce(0) { $0 + $1.missing }
            Line(
                target: "T5",
                what: "crash: out of rotation, dead, everywhere: median, last",
                wanted: "≤ 2 s, ≤ \(limit.text)",
                reached: "\(words(mine)); \(words(dead))"
                    + (missing > 0 ? "; \(missing) never" : ""),
                isReached: mine.longest <= .seconds(2) && dead.longest <= limit && missing == 0,
                rival: rivals.isEmpty
                    ? ""
                    : words(Spans(rivals.flatMap(\.suspected))) + "; "
                        + words(Spans(rivals.flatMap(\.buried))),
                trials: trials(conditions, "\(crashes) crashes")
            )
            .show()
        }
    }

    private func words(_ spans: Spans) -> String {
        "\(spans.percentile(50).text), \(spans.longest.text)"
    }

    /// One machine after another crashes, each when all know of the one before.
    private func crash(_ cluster: inout some Cluster, _ count: Int) -> Crash {
        var result = Crash()
        let size = cluster.ledger.open.count
        for turn in 0..<count {
            let victim = 3 + turn * (size - 3) / count
            cluster.run(for: .milliseconds(1000 + 137 * turn))
            let start = cluster.now
            let known = cluster.ledger.judgements.count
            cluster.kill(victim)
            let awaited = size - cluster.ledger.fallen.count
            _ = cluster.run(atMost: .seconds(120)) { cluster in
                let judgements = cluster.ledger.judgements[known...]
                return judgements.count { $0.subject == victim && $0.verdict == .dead } >= awaited
            }
            let judgements = cluster.ledger.judgements[known...].filter { $0.subject == victim }
            let dead = judgements.filter { $0.verdict == .dead }
            result.buried += dead.map { $0.time - start }
            result.missing += max(0, awaited - dead.count)
            // Whoever hears of a death first of all knows it for suspect as well.
            var first: [Int: Duration] = [:]
            for judgement in judgements where first[judgement.judge] == nil {
                first[judgement.judge] = judgement.time - start
            }
            result.suspected += first.values.sorted()
        }
        return result
    }
}
