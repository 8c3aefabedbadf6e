import Host
import Vocabulary

/// The processes that changed rules for us of late, so that the kernel's word of their work is told
/// from that of others.
///
/// In a container the kernel names them by other numbers: then their work counts as that of others,
/// and is read back at once.
struct OwnWriters: Sendable {
    private var ended: [(number: Int32, at: Instant)] = []
    private static let limit = 64
    /// Words of the kernel come within moments; later the number may be another's.
    private static let memory = Duration.seconds(10)

    /// One wrote and ended now.
    mutating func note(_ number: Int32, at now: Instant) {
        if ended.count >= Self.limit { ended.removeFirst() }
        ended.append((number, now))
    }

    mutating func note(_ others: OwnWriters) { ended += others.ended }

    func holds(_ writer: RuleEvents.Writer, at now: Instant) -> Bool {
        guard case .process(let number) = writer else { return false }
        return ended.contains { $0.number == number && now < $0.at + Self.memory }
    }
}
