/// What the program's end says to a script (interface design, section 2.2).
enum Outcome: Int32, Sendable {
    case done = 0
    case failed = 1
    /// The query matched nothing.
    case noMatch = 2
    /// `diff`: something differs.
    static let differs = Outcome.failed
    /// `diff`: whether something differs could not be found out.
    static let notCompared = Outcome.noMatch
    /// Checked, and unhealthy.
    case unhealthy = 3
    /// Not all of it came in the time that was given.
    case timedOut = 4
    /// The command line makes no sense (EX_USAGE).
    case usage = 64
    /// The agent is not reachable on its socket (EX_UNAVAILABLE).
    case unreachable = 69
    /// The socket is not for this user (EX_NOPERM).
    case forbidden = 77
}

/// A command that could not do what it was asked for.
struct Failure: Error, Hashable, Sendable {
    let status: Outcome
    /// What, where, and the next command to run; printed behind `grapevine: `.
    let message: String
    /// Single mistakes, one line each, printed before the message and as they are.
    let mistakes: [String]

    init(_ status: Outcome, _ message: String, mistakes: [String] = []) {
        self.status = status
        self.message = message
        self.mistakes = mistakes
    }

    /// What goes to standard error.
    var text: String {
        (mistakes + ["grapevine: \(message)"]).joined(separator: "\n")
    }
}

/// What a command has to say: the result, what else a person should know, and how it ends.
struct Answer: Hashable, Sendable {
    /// For standard output, without the last line's end.
    var output: String
    /// For standard error, a line each.
    var notes: [String]
    var status: Outcome
    /// Why it ended before all was done, if it did.
    var failure: Failure?
    /// What is asked once all this is printed.
    var receipt: ReceiptQuestion?

    init(
        _ output: String,
        notes: [String] = [],
        status: Outcome = .done,
        failure: Failure? = nil,
        receipt: ReceiptQuestion? = nil
    ) {
        self.output = output
        self.notes = notes
        self.status = status
        self.failure = failure
        self.receipt = receipt
    }
}

extension Answer {
    /// Asks what is to be asked at the end.
    ///
    /// - Returns: What is new of it to print, and how all of it ends; what failed before counts
    ///   more than who has seen the rest.
    func ending(from agent: any AgentConnection) async -> Answer {
        guard let receipt else { return Answer("", status: status, failure: failure) }
        let last = await receipt.answer(from: agent)
        return Answer(
            "",
            notes: last.notes,
            status: status == .done ? last.status : status,
            failure: failure ?? last.failure
        )
    }
}
