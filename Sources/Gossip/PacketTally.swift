import Wire

/// What a datagram is for, as the metrics have it: what its first frame is.
///
/// Frames about membership stand first and records ride along where there is room, so a probe that
/// brings news is a probe.
package enum PacketKind: Int, Hashable, Sendable, CaseIterable {
    /// A HEAD in clear.
    case hello
    /// The short answer to a stranger, which asks for its hello.
    case call
    /// A question whether somebody is there, of our own or for another.
    case probe
    /// What a probe is answered with.
    case ack
    /// A signed word that somebody does not answer.
    case accusation
    /// What is new, and the ids of it.
    case news
    /// Records that somebody lacks, and the question for them.
    case repair
    /// Digests and steps of a comparison.
    case reconcile
    /// Who holds what, for those who wait until all have it.
    case receipt
    /// Came, and could not be opened or was not wanted: `grapevine_gossip_rejected_total` says why.
    case refused

    init(_ frames: [Frame]) {
        switch frames.first {
        case .probe, .relayProbe: self = .probe
        case .acknowledgement, .noAnswer: self = .ack
        case .accusation: self = .accusation
        case .news, .have, .renewal: self = .news
        case .repair, .want, .wantRenewals, .missing: self = .repair
        case .tree, .digest, .busy: self = .reconcile
        case .inquiry, .receipt: self = .receipt
        case nil: self = .refused  // Nothing is in it, so nothing can be done with it.
        }
    }
}

/// How many datagrams a node took and handed out, and their bytes, by kind.
///
/// An array that a small number indexes: it is there for every packet.
package struct PacketTally: Hashable, Sendable {
    package enum Direction: Int, Hashable, Sendable, CaseIterable {
        case came
        case went
    }

    /// For each kind and direction the datagrams and their bytes, side by side.
    private var counts = [Int](repeating: 0, count: PacketKind.allCases.count << 2)

    package init() {}

    mutating func note(_ direction: Direction, _ kind: PacketKind, bytes: Int) {
        let place = Self.place(direction, kind)
        counts[place] += 1
        counts[place + 1] += bytes
    }

    /// How many datagrams there were since the node started.
    package func packets(_ direction: Direction, _ kind: PacketKind) -> Int {
        counts[Self.place(direction, kind)]
    }

    /// Their bytes, without IP and UDP headers.
    package func bytes(_ direction: Direction, _ kind: PacketKind) -> Int {
        counts[Self.place(direction, kind) + 1]
    }

    private static func place(_ direction: Direction, _ kind: PacketKind) -> Int {
        kind.rawValue << 2 | direction.rawValue << 1
    }
}
