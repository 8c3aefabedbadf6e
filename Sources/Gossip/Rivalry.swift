import Vocabulary

/// How a node deals with records under its own key that it did not sign.
///
/// Once is an earlier run that its disk forgot: a new incarnation ends it. Again and again is
/// another machine with the same bundle, which gives way and surpasses in turn; then each answer
/// comes later than the one before, so that the two do not keep the whole cluster busy.
struct Rivalry: Sendable {
    private var answers = 0
    private var lastAnswer: Instant?

    /// Between the first two answers; doubles with each further one.
    private static let firstGap = Duration.seconds(1)
    private static let longestGap = Duration.seconds(300)
    /// Without an answer for so long, all is forgotten.
    private static let memory = Duration.seconds(600)
    /// So many are no accident.
    private static let suspicious = 3

    /// Whether a new incarnation may be taken now; if so, that is counted.
    mutating func mayAnswer(at now: Instant) -> Bool {
        if let lastAnswer {
            if now >= lastAnswer + Self.memory { answers = 0 }
            guard answers == 0 || now >= lastAnswer + gap else { return false }
        }
        answers += 1
        lastAnswer = now
        return true
    }

    /// Whether it looks as if another machine ran under this node's key.
    func isTwin(at now: Instant) -> Bool {
        guard let lastAnswer else { return false }
        return answers >= Self.suspicious && now < lastAnswer + Self.memory
    }

    private var gap: Duration {
        min(Self.firstGap * (1 << min(answers - 1, 10)), Self.longestGap)
    }
}
