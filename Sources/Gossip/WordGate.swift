import Vocabulary

/// Whose words against members are heard.
///
/// Whoever passes on a word has checked it. So a member that brings one which its accuser did not
/// sign is faulty itself, and pays with a second of silence: it costs us one check a second.
struct WordGate: Sendable {
    private var closed: [NodeID: Instant] = [:]

    private static let silence = Duration.seconds(1)
    private static let limit = 1024

    /// Whether a word that this member brings is worth a check.
    func admits(_ sender: NodeID, at now: Instant) -> Bool {
        closed[sender].map { now >= $0 } ?? true
    }

    /// It brought a word that nobody signed.
    mutating func close(to sender: NodeID, at now: Instant) {
        if closed.count >= Self.limit { closed = closed.filter { now < $0.value } }
        guard closed.count < Self.limit || closed[sender] != nil else { return }
        closed[sender] = now + Self.silence
    }
}
