import ArgumentParser
import ControlAPI

/// How long to wait for members to say that they have what was changed.
struct ReceiptOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        exclusivity: .exclusive,
        help: ArgumentHelp(
            "Wait until all living members have the change; exit 4 where not all do in time.",
            discussion: """
                Without either, at most 2 s are waited, and it is only told who has it. With \
                --no-wait nobody is asked.
                """
        )
    )
    var wait: Bool?

    @Option(
        help: ArgumentHelp(
            "With --wait: how long at most, as 500ms, 30s or 2m; 30s unless it is said.",
            valueName: "time"
        )
    )
    var timeout: Patience?

    init() {}

    func validate() throws {
        if timeout != nil, wait != true {
            throw ValidationError("--timeout needs --wait: without it at most 2 s are waited")
        }
    }

    /// What to ask of the agent after a change; `nil` where nothing is to be asked.
    func question(afterChange hasChanged: Bool) -> ReceiptQuestion? {
        guard hasChanged, wait != false else { return nil }
        guard wait == true else { return .usual }
        return ReceiptQuestion(patience: timeout?.duration ?? .seconds(30), isDemand: true)
    }
}

/// A time that somebody is willing to wait: `500ms`, `30s`, `2m`.
struct Patience: ExpressibleByArgument, Hashable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [(name: String, length: Duration)] = [
            ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)),
        ]
        let digits = argument.prefix { $0.isNumber && $0.isASCII }
        let rest = argument.dropFirst(digits.count)
        guard let number = Int32(digits), let unit = units.first(where: { $0.name == rest })
        else { return nil }
        duration = unit.length * number
        guard duration > .zero, duration <= Route.longestWait else { return nil }
    }
}

/// What the agent is asked once the result of a change is printed.
struct ReceiptQuestion: Hashable, Sendable {
    let patience: Duration
    /// Whether it is a failure where not all have it in time.
    let isDemand: Bool

    static let usual = ReceiptQuestion(patience: .seconds(2), isDemand: false)

    /// Asks, and says who has seen it.
    func answer(from agent: any AgentConnection) async -> Answer {
        var request = AgentRequest(method: "POST", path: Route.confirm)
        request.query = [AgentRequest.Query(name: Route.withinQuery, value: patience.secondsText)]
        // The agent's own answer comes first.
        request.patience += patience
        do throws(Failure) {
            let reply = try await agent.ask(ConfirmReply.self, request)
            guard isDemand, !reply.missing.isEmpty else { return Answer("", notes: [reply.line]) }
            return Answer("", notes: [reply.line], status: .timedOut)
        } catch {
            let words = "  changed; how far it has come is not known"
            if isDemand { return Answer("", notes: [words], failure: error) }
            return Answer("", notes: ["\(words): \(error.message)"])
        }
    }
}

extension Duration {
    /// `2`, `0.5`: seconds with as many digits as are needed.
    fileprivate var secondsText: String {
        let (seconds, attoseconds) = components
        guard attoseconds != 0 else { return "\(seconds)" }
        return "\(Double(seconds) + Double(attoseconds) / 1e18)"
    }
}

extension ConfirmReply {
    /// `  seen by 4/5 members after 2.0 s; no word yet from c`.
    fileprivate var line: String {
        if of == 1 { return "  seen by this member alone: no other one is alive here" }
        let count = "  seen by \(seen)/\(of) members"
        if missing.isEmpty { return "\(count) in \(Self.rounded(seconds, digits: 2)) s" }
        // A cluster may have thousands.
        let named = missing.prefix(5).joined(separator: ", ")
        let more = missing.count > 5 ? " and \(missing.count - 5) more" : ""
        return "\(count) after \(Self.rounded(seconds, digits: 1)) s; no word yet from "
            + "\(named)\(more)"
    }

    private static func rounded(_ seconds: Double, digits: Int) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e6 else { return "?" }
        let scale = digits == 1 ? 10 : 100
        let whole = Int((seconds * Double(scale)).rounded())
        let fraction = "\(whole % scale)"
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(whole / scale).\(zeros)\(fraction)"
    }
}
