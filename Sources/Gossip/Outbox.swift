import Registry
import Vocabulary
import Wire

/// Frames on their way to the peers: those for one peer share datagrams, and what is many is sent
/// at a pace that its receiver can follow.
///
/// Frames about membership leave with the event that asked for them, always. Frames about records
/// leave as far as the pace allows; the rest waits here, and the node wants to be woken for it.
struct Outbox: Sendable {
    /// What waits for one peer.
    private struct Pile: Sendable {
        var membership: [Frame] = []
        /// News, questions and steps of reconciliations: small, and somebody waits for them.
        var prompt = Line<Frame>()
        /// Whole subtrees and what was asked for: it may be much.
        var loads = Line<Load>()

        var hasRecords: Bool { !prompt.isEmpty || !loads.isEmpty }
        var isEmpty: Bool { membership.isEmpty && !hasRecords }
    }

    private enum Load: Sendable {
        /// The records at a place of the trie, as they are when their turn comes.
        case place(UInt64)
        /// What is new in the HEAD at a place, for a peer that has an earlier one.
        case renewal(UInt64)
        /// A frame that must not overtake the records before it.
        case frame(Frame)
    }

    /// What waits for each, none of it empty: who waits longest for its turn stands first.
    private var piles: [(peer: NodeID, pile: Pile)] = []
    /// Where each stands in that, while they are many.
    private var turns: [NodeID: Int] = [:]
    private var pace = Pace()
    /// Frames and places that wait.
    private(set) var count = 0
    /// How many of these are about membership.
    private var membershipCount = 0
    /// What found no room since that was asked last.
    private var dropped = 0

    /// What may wait for all peers together; what is beyond it is found by digests later.
    static let maximumCount = 16_384
    /// The same of frames about membership: they leave with the event that asked for them, and wait
    /// only where this node may not sign yet.
    static let maximumMembership = 4096
    /// Frames about records that may wait for one peer: whoever asks for much leaves room for the
    /// others.
    static let maximumPrompts = 2048
    /// Places that may wait for one peer: more than any single question may ask for.
    static let maximumLoads = 1024
    /// Of each datagram, as much is left to records where some wait.
    ///
    /// So membership has 696 bytes of it at least: six words and a probe.
    static let recordShare = 600

    /// So many are looked through sooner than hashed.
    private static let few = 8

    /// When waiting frames may leave.
    var nextDeadline: Instant { piles.isEmpty ? .never : pace.nextTick }

    mutating func put(_ frame: Frame, for peer: NodeID) {
        if frame.isAboutMembership {
            guard isRoom(membershipCount < Self.maximumMembership) else { return }
            membershipCount += 1
            touch(peer) { $0.membership.append(frame) }
        } else {
            let waiting = index(of: peer).map { piles[$0].pile.prompt.count } ?? 0
            guard isRoom(waiting < Self.maximumPrompts), mayWait() else {
                return
            }
            touch(peer) { $0.prompt.append(frame) }
        }
    }

    /// Lets the records at these places go to a peer, as many as have room; of HEADs only what is
    /// new, where it has earlier ones.
    ///
    /// - Returns: Whether all had.
    mutating func put(
        recordsAt places: [UInt64],
        asRenewals: Bool = false,
        for peer: NodeID
    ) -> Bool {
        for place in places {
            let waiting = index(of: peer).map { piles[$0].pile.loads.count } ?? 0
            guard waiting < Self.maximumLoads, mayWait() else {
                return false
            }
            touch(peer) { $0.loads.append(asRenewals ? .renewal(place) : .place(place)) }
        }
        return true
    }

    /// Whether there is room for a record more that goes to a peer.
    func mayPut(recordsFor peer: NodeID) -> Bool {
        let waiting = index(of: peer).map { piles[$0].pile.loads.count } ?? 0
        return waiting < Self.maximumLoads && count - membershipCount < Self.maximumCount
    }

    /// Lets a frame go to a peer after the records that wait for it.
    mutating func put(last frame: Frame, for peer: NodeID) {
        guard mayWait() else { return }
        touch(peer) { $0.loads.append(.frame(frame)) }
    }

    /// Whether what is about records may wait.
    private mutating func mayWait() -> Bool { isRoom(count - membershipCount < Self.maximumCount) }

    /// Counts what has no room.
    private mutating func isRoom(_ isThere: Bool) -> Bool {
        if !isThere { dropped += 1 }
        return isThere
    }

    private mutating func touch(_ peer: NodeID, _ change: (inout Pile) -> Void) {
        count += 1
        if let index = index(of: peer) { return change(&piles[index].pile) }
        var pile = Pile()
        change(&pile)
        piles.append((peer, pile))
        guard piles.count > Self.few else { return }
        if turns.isEmpty { noteTurns() } else { turns[peer] = piles.count - 1 }
    }

    private func index(of peer: NodeID) -> Int? {
        guard piles.count <= Self.few else { return turns[peer] }
        return piles.firstIndex { $0.peer == peer }
    }

    private mutating func noteTurns() {
        for turn in piles.indices { turns[piles[turn].peer] = turn }
    }

    /// How much found no room since the last call.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }

    /// What may leave now: each peer's frames in datagrams.
    ///
    /// - Parameters:
    ///   - now: The pace follows from it.
    ///   - store: Holds the records whose places wait.
    ///   - isLast: Whether this node says nothing afterwards, so that nothing may wait.
    /// - Returns: What goes into one datagram each, those for one peer together.
    mutating func drain(
        at now: Instant,
        from store: RecordStore,
        isLast: Bool = false
    ) -> [(peer: NodeID, frames: [Frame])] {
        guard !piles.isEmpty else { return [] }
        pace.refill(at: now)
        var parcels: [(peer: NodeID, frames: [Frame])] = []
        var unserved: [(peer: NodeID, pile: Pile)] = []
        var served: [(peer: NodeID, pile: Pile)] = []
        var waiting: [(peer: NodeID, pile: Pile)] = []
        swap(&waiting, &piles)
        if !turns.isEmpty { turns = [:] }
        for index in waiting.indices {
            let peer = waiting[index].peer
            // Out of its place, so that nobody else holds it and nothing is copied.
            var pile = Pile()
            swap(&pile, &waiting[index].pile)
            let before = pile.prompt.count + pile.loads.count
            count -= pile.membership.count
            membershipCount -= pile.membership.count
            while !pile.isEmpty {
                let mayCarryRecords = isLast || pace.admits(peer)
                guard mayCarryRecords || !pile.membership.isEmpty else { break }
                let frames = Self.parcel(&pile, mayCarryRecords: mayCarryRecords, from: store)
                guard !frames.isEmpty else { continue }
                if frames.contains(where: { !$0.isAboutMembership }) { pace.note(peer) }
                parcels.append((peer, frames))
            }
            let after = pile.prompt.count + pile.loads.count
            count -= before - after
            guard after > 0 else { continue }
            if after < before { served.append((peer, pile)) } else { unserved.append((peer, pile)) }
        }
        piles = unserved + served
        if piles.count > Self.few { noteTurns() }
        return parcels
    }

    /// Takes from a pile what fits one datagram, in order; a frame is never split.
    private static func parcel(
        _ pile: inout Pile,
        mayCarryRecords: Bool,
        from store: RecordStore
    ) -> [Frame] {
        var frames: [Frame] = []
        var room = Datagram.frameCapacity
        let kept = mayCarryRecords && pile.hasRecords ? recordShare : 0
        var taken = 0
        for frame in pile.membership {
            let length = frame.encodedLength
            guard length <= room - kept else { break }
            frames.append(frame)
            room -= length
            taken += 1
        }
        pile.membership.removeFirst(taken)
        guard mayCarryRecords else { return frames }
        while let frame = pile.prompt.first ?? nextLoad(&pile, from: store) {
            let length = frame.encodedLength
            precondition(
                length <= Datagram.frameCapacity,
                "a frame of \(length) bytes in a datagram for \(Datagram.frameCapacity)"
            )
            guard length <= room else { break }
            if pile.prompt.isEmpty { pile.loads.removeFirst() } else { pile.prompt.removeFirst() }
            frames.append(frame)
            room -= length
        }
        return frames
    }

    /// The frame that the first load is; loads whose records are gone are dropped.
    private static func nextLoad(_ pile: inout Pile, from store: RecordStore) -> Frame? {
        while let load = pile.loads.first {
            switch load {
            case .frame(let frame):
                return frame
            case .renewal(let place):
                let records = store.records(trieKey: place)
                if records.count == 1, let head = RenewedHead(records[0], isNews: false) {
                    return .renewal(head)
                }
                pile.loads.removeFirst()
                pile.loads.prepend(.place(place))
            case .place(let place):
                let records = store.records(trieKey: place)
                // Hardly ever more than one: keys of eight bytes can fall together.
                if records.count == 1, let record = records.first { return .repair(record.bytes) }
                pile.loads.removeFirst()
                for record in records.reversed() {
                    pile.loads.prepend(.frame(.repair(record.bytes)))
                }
            }
        }
        return nil
    }
}

/// A queue: first in, first out.
struct Line<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var start = 0

    var count: Int { elements.count - start }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[start] }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Puts an element before all others.
    mutating func prepend(_ element: Element) {
        if start > 0 {
            start -= 1
            elements[start] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    @discardableResult
    mutating func removeFirst() -> Element {
        let element = elements[start]
        start += 1
        if start == elements.count {
            elements = []
            start = 0
        } else if start >= 64, start * 2 >= elements.count {
            elements.removeFirst(start)
            start = 0
        }
        return element
    }
}
