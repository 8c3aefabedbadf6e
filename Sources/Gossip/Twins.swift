import Registry
import Vocabulary

/// Identities that run on two machines at once.
///
/// A machine that restarts, or moves, is at one place after the other. One that is back where it was
/// before its last start, within a minute, is two machines that surpass each other: everybody who
/// hears their HEADs can tell.
struct Twins: Sendable {
    private struct Start: Sendable {
        let incarnation: UInt64
        /// Where its HEAD says that it listens; where its packets come from, once one came.
        var place: PeerAddress
        let at: Instant
    }

    private struct Finding: Sendable {
        let places: [PeerAddress]
        let until: Instant
    }

    private var starts: [NodeID: [Start]] = [:]
    private var findings: [NodeID: Finding] = [:]
    /// Where whoever signs under this node's own key says that it is.
    private var rivalPlace: PeerAddress?
    /// How often this node had to surpass it, and when last.
    private var quarrel: (times: Int, last: Instant)?

    /// Two starts are of one quarrel within this time.
    private static let memory = Duration.seconds(60)
    /// So long it is told after the last start: one of the two falls silent soon, and the other one
    /// may be the wrong one.
    private static let lasting = Duration.seconds(600)
    private static let limit = 256

    var isEmpty: Bool { starts.isEmpty }

    /// A member started anew.
    ///
    /// - Parameters:
    ///   - node: Who.
    ///   - before: The start before, and where it was.
    ///   - incarnation: The start that is known now.
    ///   - place: Where its HEAD says that it is.
    ///   - now: When that came to be known here.
    mutating func note(
        _ node: NodeID,
        before: (incarnation: UInt64, place: PeerAddress),
        incarnation: UInt64,
        at place: PeerAddress,
        at now: Instant
    ) {
        guard starts.count < Self.limit || starts[node] != nil else { return }
        var list = (starts[node] ?? []).filter { now < $0.at + Self.memory }
        if list.last?.incarnation != before.incarnation {
            list = [Start(incarnation: before.incarnation, place: before.place, at: now)]
        }
        list.append(Start(incarnation: incarnation, place: place, at: now))
        starts[node] = list.suffix(3)
        judge(node, at: now)
    }

    /// A packet of a member came from there, sealed in its present start.
    mutating func noteSource(_ source: PeerAddress, of node: NodeID, at now: Instant) {
        guard var list = starts[node], let last = list.last, last.place != source else { return }
        list[list.count - 1].place = source
        starts[node] = list
        judge(node, at: now)
    }

    private mutating func judge(_ node: NodeID, at now: Instant) {
        guard let list = starts[node], list.count == 3, list[0].place == list[2].place,
            list[1].place != list[0].place
        else { return }
        findings[node] = Finding(
            places: [list[0].place, list[1].place].sorted(),
            until: now + Self.lasting
        )
    }

    /// Somebody else signs under this node's own key, and its HEAD names this place.
    mutating func noteRival(at place: PeerAddress) { rivalPlace = place }

    /// This node has to surpass what somebody else signed under its key, or to give up.
    mutating func noteQuarrel(at now: Instant) {
        let times = quarrel.map { now < $0.last + Self.lasting ? $0.times : 0 } ?? 0
        quarrel = (times + 1, now)
    }

    mutating func forgetOld(at now: Instant) {
        for node in starts.keys.sorted() {
            if let last = starts[node]?.last, now >= last.at + Self.memory { starts[node] = nil }
        }
        for node in findings.keys.sorted() {
            if let finding = findings[node], now >= finding.until { findings[node] = nil }
        }
        if let last = quarrel?.last, now >= last + Self.lasting { quarrel = nil }
    }

    var troubles: [Trouble] {
        var troubles: [Trouble] = []
        for node in findings.keys.sorted() {
            guard let places = findings[node]?.places else { continue }
            troubles.append(.twoMachines(node, places[0], places[1]))
        }
        // Once may be an earlier run that this machine has forgotten.
        if let quarrel, quarrel.times > 1, let rivalPlace { troubles.append(.twin(rivalPlace)) }
        return troubles
    }
}
