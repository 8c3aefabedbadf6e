import Registry
import Vocabulary
import Wire

/// Frames on their way, until the end of the event that asked for them: then those for one
/// peer share datagrams.
struct Outbox: Sendable {
    private var frames: [(peer: NodeID, frame: Frame)] = []

    /// What one event may put in at most; what is beyond it is found by digests later.
    static let maximumFrames = 16_384

    mutating func put(_ frame: Frame, for peer: NodeID) {
        guard frames.count < Self.maximumFrames else { return }
        frames.append((peer, frame))
    }

    /// Empties the box: each peer's frames in datagrams, those about membership first, peers in
    /// the order of their first frame.
    mutating func drain() -> [(peer: NodeID, frames: [Frame])] {
        guard !frames.isEmpty else { return [] }
        var order: [NodeID] = []
        var piles: [NodeID: [Frame]] = [:]
        for (peer, frame) in frames {
            if piles[peer] == nil { order.append(peer) }
            piles[peer, default: []].append(frame)
        }
        frames = []
        return order.flatMap { peer -> [(peer: NodeID, frames: [Frame])] in
            let pile = piles[peer] ?? []
            let sorted = pile.filter(\.isAboutMembership) + pile.filter { !$0.isAboutMembership }
            return Self.pack(sorted).map { (peer, $0) }
        }
    }

    /// First fit in order; a frame is never split.
    private static func pack(_ frames: [Frame]) -> [[Frame]] {
        var packs: [[Frame]] = []
        var room = 0
        for frame in frames {
            let length = frame.encodedLength
            precondition(
                length <= Datagram.frameCapacity,
                "a frame of \(length) bytes in a datagram for \(Datagram.frameCapacity)"
            )
            if packs.isEmpty || length > room {
                packs.append([])
                room = Datagram.frameCapacity
            }
            packs[packs.count - 1].append(frame)
            room -= length
        }
        return packs
    }
}
