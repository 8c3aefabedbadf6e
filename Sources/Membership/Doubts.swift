import Vocabulary

/// Members that others reach and that do not answer us: one direction of the way between us may
/// be cut.
///
/// Such a member is probed again and again, until it answers by itself or is seen to be cut off
/// from us only.
struct Doubts: Sendable {
    private struct Doubt: Sendable {
        let since: Instant
        /// Probes in a row that only a relay answered.
        var failures = 1
        /// The probe that the relay answered: the member's own answer may still come.
        var number: ProbeNumber
        var lookAgainAt: Instant
    }

    private var doubts: [NodeID: Doubt] = [:]

    /// So many failures in a row are no accident: of three datagrams in a hundred lost, this many
    /// are one in ten million.
    private static let enough = 3
    /// Doubts kept at once; a member beyond them is not looked at until one of them ends.
    private static let limit = 16
    /// Periods between two looks, once it is known.
    private static let patience = 8

    /// A relay reached the member, and we did not.
    mutating func note(_ id: NodeID, _ number: ProbeNumber, at now: Instant, period: Duration) {
        if var doubt = doubts[id] {
            doubt.failures = min(doubt.failures + 1, Self.enough)
            doubt.number = number
            let wait = doubt.failures < Self.enough ? period : period * Self.patience
            doubt.lookAgainAt = now + wait
            doubts[id] = doubt
        } else if doubts.count < Self.limit {
            doubts[id] = Doubt(since: now, number: number, lookAgainAt: now + period)
        }
    }

    /// It answered, or it is not among the living any more.
    mutating func end(_ id: NodeID) { doubts[id] = nil }

    /// Its own answer came after the relay's.
    mutating func noteLateAnswer(_ id: NodeID, _ number: ProbeNumber) {
        if doubts[id]?.number == number { doubts[id] = nil }
    }

    /// The first by name of those to be probed now.
    func due(at now: Instant) -> NodeID? {
        guard !doubts.isEmpty else { return nil }
        for id in doubts.keys.sorted() {
            if let doubt = doubts[id], now >= doubt.lookAgainAt { return id }
        }
        return nil
    }

    /// Takes note that one is looked at now.
    mutating func look(at id: NodeID, again moment: Instant) { doubts[id]?.lookAgainAt = moment }

    /// Those that are cut off from us only, rising, and since when each is in doubt.
    var settled: [(id: NodeID, since: Instant)] {
        var settled: [(id: NodeID, since: Instant)] = []
        for id in doubts.keys.sorted() {
            if let doubt = doubts[id], doubt.failures >= Self.enough {
                settled.append((id, doubt.since))
            }
        }
        return settled
    }
}
