import BenchWorld
import Vocabulary

/// T6 and T15: whom a cluster takes for dead that is well.
extension Workloads {
    func doubt() {
        let machines = options.machines(100)
        let minutes = options.minutes ?? (options.isQuick ? 2 : 10)
        let conditions = conditions(machines, worlds: 2, lossPerMille: 50)
        let (ours, rivals) = both(conditions) {
            doubt(&$0, minutes)
        } _: {
            doubt(&$0, minutes)
        }
        let dead = ours.reduce(0) { $0 + $1.dead }
        Line(
            target: "T6",
            what: "healthy members declared dead (suspected): 1 % paused, 5 % loss, one at 80 %",
            wanted: "0",
            reached: words(ours),
            isReached: dead == 0 && !ours.isEmpty,
            rival: rivals.isEmpty ? "" : words(rivals),
            trials: trials(conditions, "\(minutes) min")
        )
        .show()
    }

    private func words(_ doubts: [(dead: Int, suspect: Int)]) -> String {
        "\(doubts.reduce(0) { $0 + $1.dead }) (\(doubts.reduce(0) { $0 + $1.suspect }))"
    }

    private func doubt(
        _ cluster: inout some Cluster,
        _ minutes: Int
    ) -> (dead: Int, suspect: Int) {
        let size = cluster.ledger.open.count
        let noisy = size - 1
        cluster.setLoss(of: noisy, perMille: 800)
        cluster.ledger.ailing = [noisy]
        var random = RandomStream(Seed(6), "doubt")
        let end = cluster.now + .seconds(60 * minutes)
        while cluster.now < end {
            let paused = random.sample(max(1, size / 100), of: Array(0..<noisy))
            for machine in paused { cluster.pause(machine) }
            cluster.ledger.ailing = Set(paused + [noisy])
            cluster.run(for: .seconds(5) + random.duration(below: .seconds(25)))
            for machine in paused { cluster.resume(machine) }
            // What was found out about them before may still be on its way.
            cluster.run(for: .seconds(5))
        }
        return (cluster.ledger.wronged(.dead), cluster.ledger.wronged(.suspect))
    }

    // MARK: A link that comes and goes

    func flap() {
        let machines = min(50, options.machines(50))
        let conditions = conditions(machines, worlds: 2)
        let (ours, rivals) = both(conditions) {
            flap(&$0)
        } _: {
            flap(&$0)
        }
        let most = ours.max() ?? 0
        Line(
            target: "T6",
            what: "one member cut off and back each 20 s: view changes of a node and flip, at most",
            wanted: "≤ 1",
            reached: "\(most)",
            isReached: most <= 1 && !ours.isEmpty,
            rival: rivals.max().map { "\($0)" } ?? "",
            trials: trials(conditions, "10 flips")
        )
        .show()
    }

    private func flap(_ cluster: inout some Cluster) -> Int {
        let size = cluster.ledger.open.count
        let rest = Array(0..<size - 1)
        var most = 0
        for flip in 0..<10 {
            let known = cluster.ledger.judgements.count
            if flip % 2 == 0 { cluster.partition([rest, [size - 1]]) } else { cluster.heal() }
            cluster.run(for: .seconds(20))
            var changes: [Int: Int] = [:]
            for judgement in cluster.ledger.judgements[known...]
            where judgement.subject == size - 1 && judgement.verdict != .suspect {
                changes[judgement.judge, default: 0] += 1
            }
            most = max(most, changes.values.max() ?? 0)
        }
        return most
    }

    // MARK: T15

    func restartMany() {
        let machines = options.machines(200)
        let conditions = conditions(machines, worlds: 1)
        let (ours, rivals) = both(conditions) {
            restartMany(&$0)
        } _: {
            restartMany(&$0)
        }
        let wronged = ours.reduce(0) { $0 + $1.dead + $1.suspect }
        Line(
            target: "T15",
            what: "20 % restart within 10 s: others declared dead (suspected); all met again",
            wanted: "0",
            reached: words(ours.map { ($0.dead, $0.suspect) }) + "; "
                + ours.map { $0.met?.text ?? "never" }.joined(separator: ", "),
            isReached: wronged == 0 && !ours.isEmpty,
            rival: rivals.isEmpty
                ? ""
                : words(rivals.map { ($0.dead, $0.suspect) }) + "; "
                    + rivals.map { $0.met?.text ?? "never" }.joined(separator: ", "),
            trials: trials(conditions, "\(machines / 5) restarts")
        )
        .show()
    }

    private func restartMany(
        _ cluster: inout some Cluster
    ) -> (dead: Int, suspect: Int, met: Duration?) {
        let size = cluster.ledger.open.count
        let gap = Duration.seconds(10) / (size / 5)
        for turn in 0..<size / 5 {
            let machine = 3 + turn * (size - 3) / (size / 5)
            cluster.kill(machine)
            cluster.run(for: min(gap, .milliseconds(500)))
            cluster.restart(machine)
            cluster.run(for: max(.zero, gap - .milliseconds(500)))
        }
        let met = cluster.run(atMost: .seconds(120), until: \.allMeet)
        cluster.run(for: .seconds(5))
        let fallen = cluster.ledger.fallen
        return (
            cluster.ledger.wronged(.dead, except: fallen),
            cluster.ledger.wronged(.suspect, except: fallen), met
        )
    }
}
