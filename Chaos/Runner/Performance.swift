import Foundation
import Scenarios

/// One plan that is played, told and kept.
struct Performance {
    let plan: RunPlan
    /// What to type to play it again.
    private let again: String

    init(_ plan: RunPlan, name: String, nodes: Int?) {
        self.plan = plan
        let size = nodes.map { " --nodes \($0)" } ?? ""
        again = "replay '\(name)@\(plan.seed)@\(currentCommit())'\(size)"
    }

    init(planAt path: String) throws {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw Refusal(code: Verdict.harnessFailed, words: "cannot read \(path)")
        }
        plan = try RunPlan(decoding: data)
        again = "replay \(path)"
    }

    /// Plays it.
    ///
    /// - Parameters:
    ///   - quiet: Whether only a line is told of a run that passes.
    ///   - out: Where plan and result are kept; nowhere where it is `nil`.
    ///   - diary: Whether the last events are told.
    ///   - expected: What came of it before.
    /// - Returns: What to exit with.
    /// - Throws: Where the plan cannot be played, or nothing can be kept.
    func play(
        quiet: Bool,
        out: String?,
        diary: Bool = false,
        _ expected: RunResult? = nil
    ) throws -> Int32 {
        let report = Report(plan, again: again)
        if !quiet { tell(report.header) }
        if let out { try keep(plan.encoded, as: "plan.json", in: out) }
        var play = try Play(plan, keepsDiary: diary)
        let clock = ContinuousClock()
        var result: RunResult?
        let time = clock.measure { result = play.play() }
        guard let result else { return Verdict.harnessFailed }
        if let out { try keep(result.encoded, as: "result.json", in: out) }
        let isTold = !quiet || result.verdict != .pass
        if isTold {
            if quiet { tell(report.header) }
            tell(result.story.map { "  \($0)" })
            if diary, result.verdict != .pass { tell(play.diary.map { "    \($0)" }) }
            tell(result.evidence.map { "  #\($0.number) \($0.title): \($0.count) \($0.measure)" })
        }
        tell(report.verdict(result))
        if isTold {
            let seconds = time / .seconds(1)
            let speed = Double(result.played) / 1000 / max(seconds, 0.001)
            print("  \(String(format: "%.1f", seconds)) s, \(Int(speed)) times as fast as time")
        }
        if let expected, expected.trace != result.trace {
            print("✗ it took another course: the trace was \(expected.trace)")
            return Verdict.harnessFailed
        }
        return result.verdict.exitCode
    }

    private func tell(_ lines: [String]) { for line in lines { print(line) } }

    private func keep(_ data: Data, as name: String, in folder: String) throws {
        // More than one run may go into one folder: each gets its own below.
        let place = URL(fileURLWithPath: folder)
            .appendingPathComponent("\(plan.scenario)-\(plan.seed)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try data.write(to: place.appendingPathComponent(name))
    }
}
