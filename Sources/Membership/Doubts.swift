import Vocabulary

/// Members that others reach and that do not answer us: one direction of the way between us may
/// be cut.
///
/// Such a member is probed again and again, until it answers by itself or is seen to be cut off
/// from us only. And whoever carried a probe past the cut is remembered: where links are cut for
/// good, relays that are drawn anew each time fail now and then, and each time that all of them do
/// is a word against somebody who is well.
struct Doubts: Sendable {
    private struct Doubt: Sendable {
        let since: Instant
        /// Probes in a row that only a relay answered.
        var failures = 1
        /// The probe that the relay answered: the member's own answer may still come.
        var number: ProbeNumber
        var lookAgainAt: Instant
        /// Who reached it for us last.
        var relay: NodeID
    }

    private var doubts: [NodeID: Doubt] = [:]
    /// Who reached anybody for us, the latest first: a bridge between two halves carries every
    /// probe from one to the other.
    private var bridges: [NodeID] = []
    /// When that was last.
    private var bridgedAt = Instant.zero

    /// So many failures in a row are no accident: of three datagrams in a hundred lost, this many
    /// are one in ten million.
    private static let enough = 3
    /// Doubts kept at once, some 20 KB; a member beyond them is not looked at until one of them
    /// ends.
    private static let limit = 256
    /// Relays remembered beside those of the doubts.
    private static let maximumBridges = 3
    /// For so long they are asked though nobody is in doubt: where a bridge fails, all behind it
    /// die, and when it is back only those it carries to can be seen to live.
    private static let bridgeMemory = Duration.seconds(60)
    /// Those said to be cut off at once: whoever has so many needs no longer list.
    private static let maximumSettled = 16
    /// Periods between two looks, once it is known.
    private static let patience = 8

    /// A relay reached the member, and we did not.
    mutating func note(
        _ id: NodeID,
        _ number: ProbeNumber,
        through relay: NodeID,
        at now: Instant,
        period: Duration
    ) {
        bridgedAt = now
        bridges.removeAll { $0 == relay }
        bridges.insert(relay, at: 0)
        if bridges.count > Self.maximumBridges { bridges.removeLast() }
        if var doubt = doubts[id] {
            doubt.relay = relay
            doubt.failures = min(doubt.failures + 1, Self.enough)
            doubt.number = number
            let wait = doubt.failures < Self.enough ? period : period * Self.patience
            doubt.lookAgainAt = now + wait
            doubts[id] = doubt
        } else if doubts.count < Self.limit {
            doubts[id] = Doubt(since: now, number: number, lookAgainAt: now + period, relay: relay)
        }
    }

    /// It answered, or it is not among the living any more.
    mutating func end(_ id: NodeID) { doubts[id] = nil }

    /// Its own answer came after the relay's.
    mutating func noteLateAnswer(_ id: NodeID, _ number: ProbeNumber) {
        if doubts[id]?.number == number { doubts[id] = nil }
    }

    /// Who carried a probe past a cut link lately, be it to this member or to another; none where
    /// no link is known to be cut.
    func guides(to id: NodeID, at now: Instant) -> [NodeID] {
        if let relay = doubts[id]?.relay { return [relay] }
        return now < bridgedAt + Self.bridgeMemory ? bridges : []
    }

    /// Whether a member is cut off from us: there is no use in asking it for anything.
    func holds(_ id: NodeID) -> Bool { doubts[id].map { $0.failures >= Self.enough } ?? false }

    /// Whether only relays reached a member, once at least.
    func concern(_ id: NodeID) -> Bool { doubts[id] != nil }

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
        guard !doubts.isEmpty else { return [] }
        for id in doubts.keys.sorted() where settled.count < Self.maximumSettled {
            if let doubt = doubts[id], doubt.failures >= Self.enough {
                settled.append((id, doubt.since))
            }
        }
        return settled
    }
}
