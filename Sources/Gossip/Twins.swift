import Registry
import Vocabulary

/// Identities that run on two machines at once.
///
/// A machine that restarts, or moves, is at one place after the other. A process that signs again
/// after another one signed under its key, at another place, within a minute, is one of two that
/// surpass each other: everybody who hears their HEADs can tell. A machine that restarts at each
/// change of its address, be it there and back, is another process each time.
struct Twins: Sendable {
    /// What a HEAD says of the start that it is of.
    struct Beginning: Sendable {
        let incarnation: UInt64
        /// Where it says that it listens.
        let place: PeerAddress
        /// Begins the public half that the process drew when it began: it keeps that for life, through
        /// all incarnations, and no other process has it.
        let process: UInt64

        init?(_ incarnation: UInt64, _ head: Head) {
            var reader = ByteReader(head.agreementKey)
            guard let place = head.addresses.first, let process = try? reader.read(UInt64.self)
            else { return nil }
            self.incarnation = incarnation
            self.place = place
            self.process = process
        }
    }

    private struct Start: Sendable {
        let incarnation: UInt64
        let process: UInt64
        /// Where its HEAD says that it listens; where its packets come from, once one came.
        var place: PeerAddress
        let at: Instant

        init(_ beginning: Beginning, at now: Instant) {
            incarnation = beginning.incarnation
            process = beginning.process
            place = beginning.place
            at = now
        }
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
    ///   - before: The start before.
    ///   - after: The start that is known now.
    ///   - now: When that came to be known here.
    mutating func note(
        _ node: NodeID,
        before: Beginning,
        after: Beginning,
        at now: Instant
    ) {
        guard starts.count < Self.limit || starts[node] != nil else { return }
        var list = (starts[node] ?? []).filter { now < $0.at + Self.memory }
        if list.last?.incarnation != before.incarnation { list = [Start(before, at: now)] }
        list.append(Start(after, at: now))
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
        guard let list = starts[node], list.count == 3, list[0].process == list[2].process,
            list[0].place == list[2].place, list[1].place != list[0].place
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
