import Vocabulary

/// How a node deals with records under its own key that it did not sign.
///
/// Once is an earlier run that its disk forgot: a new incarnation ends it. Again is another machine
/// with the same bundle, which gives way and surpasses in turn; then each answer comes later than
/// the one before, and in the end one falls silent: two that fight over one name keep the whole
/// cluster busy, and one must stop (registry design, section 3.5, step 6). Who has just started
/// stops at the second time, who has run for longer at the fourth within ten minutes: so the
/// machine that was there first stays, and its copy is silent within seconds.
struct Rivalry: Sendable {
    private var answers = 0
    private var lastAnswer: Instant?
    private var patience = 0

    enum Answer {
        case beginAnew, wait, stop
    }

    /// Between the first two answers; doubles with each further one.
    private static let firstGap = Duration.seconds(1)
    /// Without an answer for so long, all is forgotten.
    private static let memory = Duration.seconds(600)
    /// So long after its start a node is the one that came later.
    private static let youth = Duration.seconds(60)

    /// What to do about a record of ours that we did not sign; a new incarnation is counted.
    mutating func answer(startedAt: Instant, at now: Instant) -> Answer {
        if let lastAnswer {
            if now >= lastAnswer + Self.memory { answers = 0 }
            guard answers == 0 || now >= lastAnswer + Self.firstGap * (1 << (answers - 1)) else {
                return .wait
            }
        }
        if answers == 0 { patience = now < startedAt + Self.youth ? 1 : 3 }
        guard answers < patience else { return .stop }
        answers += 1
        lastAnswer = now
        return .beginAnew
    }
}
