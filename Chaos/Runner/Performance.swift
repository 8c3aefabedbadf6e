import Foundation
import Scenarios
import Synchronization

/// One plan that is played, told and kept.
struct Performance: Sendable {
    let plan: RunPlan
    /// What to type to play it again.
    private let again: String

    init(_ plan: RunPlan, name: String, nodes: Int?) {
        self.plan = plan
        let size = nodes.map { " --nodes \($0)" } ?? ""
        again = "replay '\(name)@\(plan.seed)@\(currentCommit)'\(size)"
    }

    init(planAt path: String) throws {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw Refusal(code: Verdict.harnessFailed, words: "cannot read \(path)")
        }
        plan = try RunPlan(decoding: data)
        again = "replay \(path)"
    }

    /// What came of it, for a terminal.
    struct Answer: Sendable {
        var lines: [String] = []
        var code: Int32 = 0
    }

    /// How it is played and told.
    struct Manner: Sendable {
        /// Only a line is told of a run that passes.
        var isQuiet = false
        /// Where plan and result are kept; nowhere where it is `nil`.
        var out: String?
        /// Whether the auditor looks at it; by the seed where it is `nil`.
        var isAudited: Bool?
        /// The last events are told too.
        var keepsDiary = false
    }

    /// Plays it.
    ///
    /// - Parameters:
    ///   - manner: How.
    ///   - expected: What came of it before.
    /// - Returns: What to tell, and what to exit with.
    /// - Throws: Where the plan cannot be played, or nothing can be kept.
    func play(_ manner: Manner, _ expected: RunResult? = nil) throws -> Answer {
        let report = Report(plan, again: again)
        if let out = manner.out { try keep(plan.encoded, as: "plan.json", in: out) }
        var play = try Play(plan, isAudited: manner.isAudited, keepsDiary: manner.keepsDiary)
        let clock = ContinuousClock()
        let start = clock.now
        let result = play.play()
        let time = clock.now - start
        if let out = manner.out { try keep(result.encoded, as: "result.json", in: out) }
        var answer = Answer(code: result.verdict.exitCode)
        let isTold = !manner.isQuiet || result.verdict != .pass
        if isTold {
            answer.lines += report.header + result.story.map { "  \($0)" }
            if manner.keepsDiary, result.verdict != .pass {
                answer.lines += play.diary.map { "    \($0)" }
            }
            answer.lines += result.evidence.map {
                "  #\($0.number) \($0.title): \($0.count) \($0.measure)"
            }
        }
        answer.lines += report.verdict(result)
        if isTold {
            let seconds = time / .seconds(1)
            let speed = Double(result.played) / 1000 / max(seconds, 0.001)
            let words = String(format: "%.1f", seconds)
            answer.lines.append("  \(words) s, \(Int(speed)) times as fast as time")
        }
        if let expected, expected.trace != result.trace {
            answer.lines.append("✗ it took another course: the trace was \(expected.trace)")
            answer.code = Verdict.harnessFailed
        }
        return answer
    }

    private func keep(_ data: Data, as name: String, in folder: String) throws {
        // More than one run may go into one folder: each gets its own below.
        let place = URL(fileURLWithPath: folder)
            .appendingPathComponent("\(plan.scenario)-\(plan.seed)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try data.write(to: place.appendingPathComponent(name))
    }
}

/// Plays several, one on each processor, and tells them in order.
struct Programme {
    let performances: [Performance]
    let manner: Performance.Manner

    private struct State {
        var answers: [Int: Performance.Answer] = [:]
        var told = 0
        var failure: (any Error)?
        var code: Int32 = 0
    }

    /// - Returns: What to exit with: the code of the first that did not pass.
    func play() throws -> Int32 {
        let state = Mutex(State())
        DispatchQueue.concurrentPerform(iterations: performances.count) { number in
            guard state.withLock({ $0.failure == nil }) else { return }
            do {
                let answer = try performances[number].play(manner)
                state.withLock { state in
                    state.answers[number] = answer
                    while let next = state.answers.removeValue(forKey: state.told) {
                        for line in next.lines { print(line) }
                        if state.code == 0 { state.code = next.code }
                        state.told += 1
                    }
                }
            } catch {
                state.withLock { $0.failure = error }
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock { $0.code }
    }
}
