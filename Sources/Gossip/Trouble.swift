package import Vocabulary

/// What a person should mend between this node and others.
///
/// Whatever is here lasts, or it is no trouble: a lost datagram is none. A trouble about a member
/// rests on what that member sealed and on answers that did not come, never on where a datagram
/// claims to be from.
package enum Trouble: Hashable, Comparable, Sendable {
    /// Nothing ever came from a configured peer.
    case seedSilent(PeerAddress)
    /// A configured peer's port is closed: its machine says so.
    case seedRefused(PeerAddress)
    /// Hellos come from there whose tag is not of this cluster.
    case otherCluster(PeerAddress)
    /// Packets of a later protocol version come from there.
    case newerVersion(PeerAddress, UInt8)
    /// We hear it, and what we send it does not arrive: UDP from here to there is lost.
    case deaf(NodeID)
    /// Others reach it, and nothing of it reaches us: UDP from there to here is lost.
    case mute(NodeID)
    /// Small packets reach it, those of the full size do not.
    case largeLost(NodeID)
    /// What it seals comes from another address than its HEAD names.
    case addressDiffers(NodeID, declared: PeerAddress, seen: PeerAddress)
    /// Another member answers at the address of one that is dead.
    case addressReused(PeerAddress, of: NodeID, by: NodeID)
    /// Peers are configured or known, and nobody answers.
    case nobody
    /// Another machine runs under this node's own key, and says that it is there.
    case twin(PeerAddress)
    /// A member starts anew at two addresses in turn: two machines have one identity.
    case twoMachines(NodeID, PeerAddress, PeerAddress)
    /// Nobody answers any more, and this member was heard last.
    case nobodySince(NodeID)
}

/// A trouble that lasts, and for how long it has.
package struct TroubleSince: Hashable, Comparable, Sendable {
    package let trouble: Trouble
    /// When this node came to see it.
    package let since: Instant

    package init(_ trouble: Trouble, since: Instant) {
        self.trouble = trouble
        self.since = since
    }

    package static func < (left: TroubleSince, right: TroubleSince) -> Bool {
        (left.trouble, left.since) < (right.trouble, right.since)
    }
}

extension Trouble {
    /// The member that it is about; `nil` where it is about an address or about everybody.
    package var member: NodeID? {
        switch self {
        case .deaf(let node), .mute(let node), .largeLost(let node), .nobodySince(let node),
            .addressDiffers(let node, _, _), .addressReused(_, let node, _),
            .twoMachines(let node, _, _):
            node
        case .seedSilent, .seedRefused, .otherCluster, .newerVersion, .nobody, .twin: nil
        }
    }
}
