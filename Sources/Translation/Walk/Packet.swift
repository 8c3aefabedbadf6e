package import Vocabulary

/// The first packet of a flow, as it meets the rules.
package struct Packet: Hashable, Sendable {
    package let source: IPAddress
    package let destination: IPAddress
    package let port: UInt16
    package let transport: TransportProtocol
    package let arrival: Arrival

    /// Where a packet comes from.
    package enum Arrival: Hashable, Sendable {
        /// From another machine.
        case fromOutside(interface: String)
        /// From a process of this machine.
        case fromThisMachine
        /// From a pod of this machine, which has a network of its own.
        case fromPod(interface: String)
    }

    package init(
        from source: IPAddress,
        to destination: IPAddress,
        port: UInt16,
        _ transport: TransportProtocol = .tcp,
        _ arrival: Arrival
    ) {
        self.source = source
        self.destination = destination
        self.port = port
        self.transport = transport
        self.arrival = arrival
    }
}

/// Where the rules send a packet.
package enum Outcome: Hashable, Comparable, Sendable {
    /// Sent on to an endpoint, which sees the client or, if masqueraded, this machine.
    case delivered(SocketAddress, masqueraded: Bool)
    /// Let through as it came.
    case untouched
    case rejected(Rejection)
    case dropped

    package static func < (left: Outcome, right: Outcome) -> Bool {
        left.order < right.order
    }

    private var order: (Int, SocketAddress, String) {
        let nowhere = SocketAddress(.v4(0), port: 0)
        switch self {
        case .delivered(let endpoint, let masqueraded): return (0, endpoint, masqueraded ? "m" : "")
        case .untouched: return (1, nowhere, "")
        case .rejected(let how): return (2, nowhere, how.rawValue)
        case .dropped: return (3, nowhere, "")
        }
    }
}

/// An outcome and how likely it is, 0...1.
package struct LikelyOutcome: Hashable, Sendable {
    package let outcome: Outcome
    package let probability: Double

    package init(_ outcome: Outcome, _ probability: Double) {
        self.outcome = outcome
        self.probability = probability
    }
}

/// Why a walk cannot say where a packet goes.
package enum WalkError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownMatch(rule: String)
    case unknownTarget(rule: String)
    case noSuchChain(rule: String)
    /// More chained jumps than nf_tables accepts.
    case tooDeep(rule: String)
    /// More rules than any table of ours asks of one packet.
    case tooLong

    package var description: String {
        switch self {
        case .unknownMatch(let rule): "a match is not known in \"\(rule)\""
        case .unknownTarget(let rule): "the target is not known in \"\(rule)\""
        case .noSuchChain(let rule): "the chain is not there for \"\(rule)\""
        case .tooDeep(let rule): "more than \(PacketWalk.deepestJump) jumps at \"\(rule)\""
        case .tooLong: "the packet met more than \(PacketWalk.longestWalk) rules"
        }
    }
}
