import BenchWorld
import Foundation
import Laws
import Vocabulary

/// T11 to T14, and T16: what is counted, not timed.
extension Workloads {
    /// T13: how often a node checks one signature.
    func countChecks() {
        let machines = min(50, options.machines(50))
        let conditions = conditions(machines, worlds: 1, lossPerMille: 50)
        var checks = 0
        var different = 0
        for condition in conditions {
            let examiner = Examiner()
            guard var cluster = Grapevine.settled(condition, examiner) else { continue }
            for writer in prepareWriters(&cluster, machines) {
                cluster.write(on: writer)
                cluster.run(for: .milliseconds(20))
            }
            cluster.run(for: .seconds(20))
            checks += examiner.checks
            different += examiner.differentChecks
        }
        Line(
            target: "T13",
            what: "checks of a signature by a node that saw it, 5 % loss",
            wanted: "≤ 1.05",
            reached: ratio(checks, different),
            isReached: checks * 100 <= different * 105 && different > 0,
            rival: "has none",
            trials: trials(conditions, "a join and \(machines) records")
        )
        .show()
    }

    /// T14: random schedules in which nothing may come back.
    func countSchedules() {
        let count = options.isQuick ? 100 : 1000
        var broken = 0
        for seed in Seed.sweep(count) {
            var stage = Stage(Schedule(seed))
            guard let breach = stage.play().first else { continue }
            broken += 1
            complain("schedule \(seed.value): \(breach)")
        }
        Line(
            target: "T14",
            what: "schedules that break an invariant; 10^5: `make laws SCHEDULES=100000`",
            wanted: "0",
            reached: "\(broken) of \(grouped(count))",
            isReached: broken == 0,
            rival: "has no such promise",
            trials: "\(grouped(count)) seeds"
        )
        .show()
    }

    /// T11: the longest datagram of all that were sent for the lines above.
    func showLongestDatagram() {
        let longest = Grapevine.tally.longest
        Line(
            target: "T11",
            what: "the longest datagram of \(grouped(Grapevine.tally.count))",
            wanted: "≤ 1,372 B",
            reached: "\(grouped(longest)) B",
            isReached: longest <= 1372 && longest > 0,
            rival: "1,400 B",
            trials: ""
        )
        .show()
    }

    /// T12: tests, which are run elsewhere, counted where they stand.
    func countAttacks() {
        let folder = "Tests/GossipTests"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var tests = 0
        for file in files where file.hasPrefix("Attack") {
            let text = (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? ""
            tests += text.components(separatedBy: "@Test").count - 1
        }
        Line(
            target: "T12",
            what: "tests of attacks: `swift test --filter Attack`",
            wanted: "all of section 6",
            reached: "\(tests) tests",
            isReached: nil,
            rival: "SECURITY.md concedes most",
            trials: ""
        )
        .show()
    }

    /// T16: what the last long run of the fuzzers said.
    func countFuzzing() {
        var words: [String] = []
        var knocks = 0
        for name in ["DoorFuzz", "NodeFuzz", "RecordFuzz"] {
            let log = try? String(contentsOfFile: ".build-fuzz/\(name).log", encoding: .utf8)
            let line = log?.split(separator: "\n").last {
                $0.hasPrefix("stat::number_of_executed_units:")
            }
            let count = line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
            // Records come to no door.
            if name != "RecordFuzz" { knocks += count }
            words.append("\(name) \(grouped(count))")
        }
        Line(
            target: "T16",
            what: "datagrams and scripts of the last fuzzing here: `make fuzz-long`",
            wanted: "≥ 10^7, no trap",
            reached: words.joined(separator: ", "),
            isReached: knocks >= 10_000_000,
            rival: "no one fuzzes it",
            trials: ""
        )
        .show()
    }
}
