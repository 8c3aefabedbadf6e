import Vocabulary

/// Whose records are looked at.
///
/// Whoever passes on a record has checked it. So a member that brings what nobody signed is faulty
/// itself, and each such record costs us a check: sixteen are forgiven, and then one a second. A
/// member that stops is heard again a second later.
struct RecordGate: Sendable {
    /// When what each brought is forgiven; nobody is here for longer than that.
    private var debts: [NodeID: Instant] = [:]
    private var sweepAt = 64

    /// What one bad record costs its sender.
    private static let price = Duration.seconds(1)
    /// What a sender may owe and still be heard.
    private static let credit = Duration.seconds(15)

    /// Whether what this member brings is worth a check.
    func admits(_ sender: NodeID, at now: Instant) -> Bool {
        guard !debts.isEmpty, let debt = debts[sender] else { return true }
        return debt <= now + Self.credit
    }

    /// It brought something that nobody signed.
    mutating func charge(_ sender: NodeID, at now: Instant) {
        // Senders are members, and those number no more than certificates do.
        if debts.count >= sweepAt {
            debts = debts.filter { $0.value > now }
            sweepAt = max(64, debts.count * 2)
        }
        debts[sender] = max(debts[sender] ?? now, now) + Self.price
    }
}
