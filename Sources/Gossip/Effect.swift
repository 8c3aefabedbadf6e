package import Membership
package import Registry
package import Vocabulary

/// Everything a node asks of the world outside it.
///
/// The interpreter carries effects out in order. None returns a value: whatever comes back, an
/// answer or a failure, comes back as an `Event`.
package enum Effect: Sendable {
    /// Send once and forget. Loss is expected; the protocol repairs it.
    case send([UInt8], to: PeerAddress)
    /// Make these changes durable *before* any later effect of the batch.
    case persist([DiskChange])
    /// Make this incarnation durable, then answer `Event.secured`: nothing is signed before.
    case secure(incarnation: UInt64)
    /// Let table, API and names see this from now on.
    ///
    /// Apart in memory: it is large, and an effect is copied where it is carried out.
    indirect case publish(Publication)
    /// Tell the operator: one metric and one line, never a decision.
    case report(Incident)
    /// Count this: one number, without a line.
    case measured(Measurement)
    /// The answer to a command.
    case answer(Ticket, Outcome)
}

/// Effects in the order in which they must happen.
package struct Effects: Sendable {
    package private(set) var list: [Effect] = []

    package init() {}

    /// Everything that is to be made durable, in order.
    var durable: [DiskChange] {
        list.flatMap { effect -> [DiskChange] in
            if case .persist(let changes) = effect { changes } else { [] }
        }
    }

    /// Puts an effect after all others.
    package mutating func append(_ effect: Effect) { list.append(effect) }
    #if GRAPEVINE_MUTANTS

    mutating func dropLast() { list.removeLast() }
    #endif
}

/// One line of what the disk should hold.
package struct DiskChange: Hashable, Sendable {
    package enum Space: String, Hashable, Sendable {
        /// Records by key: what others said, for a fast start.
        case records
        /// This node's wishes by service name: DECL bodies.
        case wishes
        /// This node's endpoint sets by service name and slice.
        case offers
        /// What this node deleted for everybody, by service.
        case retractions
        /// Small facts about this node by name, beside its incarnation.
        case identity
        /// What a root said and people brought here: this node's latest certificate under an empty
        /// key, records under theirs.
        case trust
    }

    package let space: Space
    package let key: [UInt8]
    /// `nil` removes it.
    package let value: [UInt8]?
}

/// What a node lets the machine see: values, made at one moment.
package struct Publication: Sendable {
    package let view: ClusterView
    /// Everybody else, as membership sees them.
    package let table: MemberTable
    /// This node's own HEAD: its name, certificate and addresses.
    package let myself: NodeID
    package let certificate: Certificate.Content
    /// The certificate as others see it: with its signatures.
    package let credential: Certificate
    /// By which word of a root this node is no member; `nil` while it is one.
    package let revocation: Revocation?
    package let addresses: [PeerAddress]
    /// Names of all nodes whose HEAD is known, by id, sorted: the dead and departed too.
    package let nodes: [NodeSummary]
    package let phase: Phase
    /// How many records the registry holds.
    package let records: Int
    /// Lifeguard's score: 0 is well.
    package let selfHealth: Int
    /// How far the middle of the clocks heard in the last minute is ahead of this machine's, in
    /// milliseconds.
    package let clockBehind: Int64
    /// What should be mended between this node and others, sorted.
    package let troubles: [TroubleSince]
    /// Who would be a member and does not count as one, and why, sorted.
    package let outsiders: [Outsider]

    /// All members, sorted by name; made for each who asks.
    package var members: [Member] { table.list }

    /// How far a node has come since its start.
    package enum Phase: String, Hashable, Sendable {
        /// Peers are configured and none has been reconciled with: the table is left alone.
        case joining
        /// Reconciled with somebody, or it never had a peer.
        case working
        /// Peers are configured or known, and nobody answers.
        case alone
        /// Silent, for another machine runs under its key.
        case stopped
        /// Silent, for it said goodbye.
        case left
    }
}

/// A node whose HEAD is known.
package struct NodeSummary: Hashable, Sendable {
    package let id: NodeID
    package let name: String
    package let address: PeerAddress?
}
