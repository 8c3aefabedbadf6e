import ArgumentParser
import ControlAPI
import Host
import Vocabulary

/// `grapevine converged [--wait 30s]`.
struct ConvergedCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "converged",
        abstract: "Say whether all members hold the same; exit 3 where not, 4 where not in time.",
        discussion: """
            As this agent sees it. A dead member counts as not converged, for nobody knows what
            it holds; --ignore-dead leaves it out. --wait prints what changed meanwhile, and when.
            """
    )

    @Option(
        help: ArgumentHelp("How long to wait for it, as 500ms, 30s or 2m.", valueName: "time")
    )
    var wait: Patience?

    @Flag(help: "Members that are dead need not agree.")
    var ignoreDead = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    /// What `-o json` shows.
    private struct Reply: Encodable {
        let kind = "Convergence"
        let apiVersion = "grapevine/v1"
        let converged: Bool
        let viewDigest: String
        let agreeing: [String]
        let differing: [String]
        let suspect: [String]
        let dead: [String]
        let timeline: [Moment]

        struct Moment: Encodable {
            let seconds: Double
            let words: String
        }
    }

    var occupation: String { "waiting for all members to agree" }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let start = MonotonicClock.now()
        var timeline: [(passed: Duration, standing: Standing)] = []
        var standing = Standing(try await agent.get(MemberList.self, Route.members))
        timeline.append((.zero, standing))
        let end = start + (wait?.duration ?? .zero)
        while !standing.isConverged(ignoringDead: ignoreDead), MonotonicClock.now() < end {
            try await MonotonicClock.sleep(
                until: min(end, MonotonicClock.now() + .milliseconds(200))
            )
            let next = Standing(try await agent.get(MemberList.self, Route.members))
            if next.words != standing.words {
                timeline.append((MonotonicClock.now() - start, next))
            }
            standing = next
        }
        let isConverged = standing.isConverged(ignoringDead: ignoreDead)
        let moments = timeline.map {
            Reply.Moment(seconds: $0.passed.roundedSeconds, words: $0.standing.words)
        }
        let reply = Reply(
            converged: isConverged,
            viewDigest: standing.viewDigest,
            agreeing: standing.agreeing,
            differing: standing.differing,
            suspect: standing.suspect,
            dead: standing.dead,
            timeline: moments
        )
        let lines = moments.map { wait == nil ? $0.words : "t+\($0.seconds) s  \($0.words)" }
        let text = try format.text(of: reply, words: lines.joined(separator: "\n"))
        let outcome: Outcome = isConverged ? .done : wait == nil ? .unhealthy : .timedOut
        let hint = isConverged ? [] : ["Who differs, and why: grapevine members"]
        return Answer(text, notes: format.isForPeople ? hint : [], status: outcome)
    }
}

extension Duration {
    /// Seconds, to a tenth.
    var roundedSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds * 10 + attoseconds / 100_000_000_000_000_000) / 10
    }
}
