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

    init(planAt path: String) throws(Refusal) {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw Refusal(
                code: Verdict.harnessFailed,
                words: "\(path) cannot be read: name a plan.json, or the folder that holds it"
            )
        }
        do {
            plan = try RunPlan(decoding: data)
        } catch {
            throw Refusal(error, in: path)
        }
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

    /// What came of a run before.
    struct Past: Sendable {
        let result: RunResult
        /// What it was played with; `nil` where nobody wrote that down.
        let commit: String?
    }

    /// Plays it.
    ///
    /// - Parameters:
    ///   - manner: How.
    ///   - past: What came of it before.
    /// - Returns: What to tell, and what to exit with.
    /// - Throws: Where the plan cannot be played, or nothing can be kept.
    func play(_ manner: Manner, _ past: Past? = nil) throws -> Answer {
        let report = Report(plan, again: again)
        if let out = manner.out {
            try keep(plan.encoded, as: "plan.json", in: out)
            try keep(Data("\(currentCommit)\n".utf8), as: "commit", in: out)
        }
        var play = try stage(manner)
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
        if let past, past.result.trace != result.trace {
            let told = "it took another course: the trace was \(past.result.trace)"
            if past.commit == currentCommit {
                answer.lines.append(
                    "✗ \(told), at this very commit. Find where: grapevine-chaos verify-determinism"
                )
                answer.code = Verdict.harnessFailed
            } else {
                let commit = past.commit ?? "one that is not known"
                answer.lines.append(
                    "  \(told), at commit \(commit). To see that one, build that commit"
                )
            }
        }
        return answer
    }

    private func keep(_ data: Data, as name: String, in folder: String) throws {
        // More than one run may go into one folder: each gets its own below.
        let place = URL(fileURLWithPath: folder)
            .appendingPathComponent("\(plan.scenario)-\(plan.seed)")
        do {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try data.write(to: place.appendingPathComponent(name))
        } catch {
            throw Refusal(
                code: Verdict.harnessFailed,
                words: "\(place.relativePath)/\(name) cannot be written: name with --out a folder "
                    + "in which you may write, with room on its disk"
            )
        }
    }

    private func stage(_ manner: Manner) throws(Refusal) -> Play {
        do {
            return try Play(plan, isAudited: manner.isAudited, keepsDiary: manner.keepsDiary)
        } catch {
            throw Refusal(
                code: Verdict.harnessFailed,
                words: "\(error): play the plan with the build that wrote it, or run its scenario "
                    + "again"
            )
        }
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

    /// A violation is worse than what took too long, and that than a run that says nothing.
    private static func worse(_ one: Int32, _ other: Int32) -> Int32 {
        let order: [Int32] = [0, 2, 3, 1]
        func rank(_ code: Int32) -> Int { order.firstIndex(of: code) ?? order.count }
        return rank(one) < rank(other) ? other : one
    }

    /// - Returns: What to exit with: the code of the worst.
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
                        state.code = Self.worse(state.code, next.code)
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
