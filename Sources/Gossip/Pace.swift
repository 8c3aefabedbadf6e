import Vocabulary

/// How many datagrams with records may leave now: a burst at first, then so many a millisecond.
///
/// A receiver verifies about twenty records a millisecond, which come in five datagrams, and a
/// socket of the usual size holds ninety of them.
struct Pace: Sendable {
    /// What may leave at once to one peer that was sent nothing for a while.
    static let burst = 16
    /// And what each further millisecond allows: 2.7 MB a second.
    static let perMillisecond = 2
    /// The same for all peers together.
    static let burstOfAll = 128
    static let perMillisecondOfAll = 64

    /// Datagrams each peer was sent beyond what its pace allowed since; those at zero are left out.
    private var debts: [NodeID: Int] = [:]
    /// The keys of that, sorted.
    private var debtors: [NodeID] = []
    private var debtOfAll = 0
    /// Whole milliseconds that were counted already.
    private var tick: Int64 = 0

    private static let tickTime: Int64 = 1_000_000

    /// When more may leave.
    var nextTick: Instant { Instant(nanoseconds: (tick + 1) * Self.tickTime) }

    mutating func refill(at now: Instant) {
        let passed = now.nanoseconds / Self.tickTime - tick
        guard passed > 0 else { return }
        tick += passed
        let ticks = Int(min(passed, 1000))
        debtOfAll = max(0, debtOfAll - ticks * Self.perMillisecondOfAll)
        guard !debtors.isEmpty else { return }
        debtors = debtors.filter { peer in
            let rest = (debts[peer] ?? 0) - ticks * Self.perMillisecond
            debts[peer] = rest > 0 ? rest : nil
            return rest > 0
        }
    }

    /// Whether one more datagram with records may go to a peer now.
    func admits(_ peer: NodeID) -> Bool {
        debtOfAll < Self.burstOfAll && (debts[peer] ?? 0) < Self.burst
    }

    mutating func note(_ peer: NodeID) {
        debtOfAll += 1
        if debts[peer] == nil { debtors.append(peer) }
        debts[peer, default: 0] += 1
    }
}
