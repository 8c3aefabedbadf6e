package import Membership
package import Registry
package import Vocabulary
package import Wire

/// Something worth a metric and a line; never a decision.
package enum Incident: Hashable, Sendable {
    case datagramRefused(WireError, from: PeerAddress)
    /// Bytes that should have been a record were none.
    case recordMalformed(FormatError, from: NodeID)
    case recordRefused(Refusal, author: NodeID, from: NodeID)
    /// A member sent so much that nobody signed that a record of it was not looked at.
    case recordUnread(from: NodeID)
    case accusationRefused(accuser: NodeID, from: NodeID)
    case memberChanged(NodeID, name: String, from: MemberState?, to: MemberState)
    /// We were accused, and say that we live.
    case refuted
    /// A peer holds records of ours that this incarnation did not sign: another start of this
    /// node, or a copy of its disk. A new incarnation follows.
    case incarnationSurpassed(UInt64)
    /// The clock was set back by more than a day: no greater incarnation would be believed.
    case clockUnbelievable
    /// Another machine goes on signing under this node's key: this one falls silent.
    case duplicateIdentity
    /// Another service's older claim won: `service` moves from here.
    ///
    /// The other one is `nil` where its name is not known.
    case claimLost(ServiceName, Resource, to: ServiceName?)
    /// No address or port is free for a service.
    case poolExhausted(ServiceName)
    /// A service's address came, went or changed as this node sees it.
    ///
    /// Those that only come into sight while the node starts are not reported.
    case addressChanged(AddressChange)
    /// An administrator deleted a service that this node had declared.
    case retracted(ServiceName)
    /// A reconciliation began with a peer.
    case reconciling(NodeID, StoreHalf)
    /// So many records or ids found no room in the queues since that was told last; digests find
    /// them.
    case queueFull(Int)
    /// Something should be mended between this node and others.
    ///
    /// Told once, and not again within a minute of its end.
    case troubleBegan(Trouble)
    /// What should be mended is.
    case troubleEnded(Trouble)
    /// The root took a node's membership back.
    case revoked(NodeID, reason: String)
    /// An author signed what denies itself: everything of that start is void.
    case faultProven(NodeID, UInt64)
    /// An author is forgotten: its lease ran out two weeks ago, or its certificate ended.
    case authorForgotten(NodeID)
    /// A root decided that this node is a member no more; it signs nothing from now on.
    case expelled(reason: String)
    /// Another member is called as this node is.
    case nameShared(NodeID, name: String)
    /// This node goes on under a later certificate, which ends then: seconds since 1970.
    case recertified(until: UInt64)

    /// A few fixed words for the metric that counts refused input; `nil` for other incidents.
    package var refusalLabel: String? {
        switch self {
        case .datagramRefused(let error, _): error.label
        case .recordMalformed: "malformed"
        case .recordRefused(let refusal, _, _): refusal.rawValue
        case .recordUnread: "unread"
        case .accusationRefused: "signature"
        case .memberChanged, .refuted, .incarnationSurpassed, .claimLost, .poolExhausted,
            .addressChanged,
            .reconciling, .queueFull, .troubleBegan, .troubleEnded, .authorForgotten, .revoked,
            .faultProven,
            .duplicateIdentity, .clockUnbelievable, .retracted, .expelled, .nameShared,
            .recertified:
            nil
        }
    }
}
