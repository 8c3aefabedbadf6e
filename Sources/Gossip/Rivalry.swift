import Vocabulary

/// How a node deals with records under its own key that it did not sign.
///
/// Once is an earlier run that its disk forgot: a new incarnation ends it. Again and again is
/// another machine with the same bundle, which gives way and surpasses in turn; then each answer
/// comes later than the one before, and after the third within ten minutes this node falls
/// silent: two that fight over one name keep the whole cluster busy, and one must stop (registry
/// design, section 3.5, step 6).
struct Rivalry: Sendable {
    private var answers = 0
    private var lastAnswer: Instant?

    enum Answer {
        case beginAnew, wait, stop
    }

    /// Between the first two answers; doubles with each further one.
    private static let firstGap = Duration.seconds(1)
    /// Without an answer for so long, all is forgotten.
    private static let memory = Duration.seconds(600)
    /// So many are no accident.
    private static let patience = 3

    /// What to do about a record of ours that we did not sign; a new incarnation is counted.
    mutating func answer(at now: Instant) -> Answer {
        if let lastAnswer {
            if now >= lastAnswer + Self.memory { answers = 0 }
            guard answers == 0 || now >= lastAnswer + Self.firstGap * (1 << (answers - 1)) else {
                return .wait
            }
        }
        guard answers < Self.patience else { return .stop }
        answers += 1
        lastAnswer = now
        return .beginAnew
    }
}
