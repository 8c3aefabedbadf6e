import Registry
import Vocabulary

/// One port of one service.
struct OfferedPort {
    /// What its chains are called by: `ChainName.identity(of:_:)`.
    let identity: String
    let transport: TransportProtocol
    /// `namespace/name:port`, or `nil` where there are too many endpoints for comments.
    let comment: String?
    /// Who answers by the policy Cluster: sorted, unique; empty where nobody is anywhere.
    let everywhere: [WeightedPlace]
    /// Who answers by the policy Local, on this machine: sorted, unique.
    ///
    /// Empty where nobody may be chosen anywhere.
    let here: [WeightedPlace]
    /// Which of the two answer who dials one of `addresses`.
    let internalPolicy: TrafficPolicy
    /// Which of the two answer who dials `nodePort` from another machine.
    let externalPolicy: TrafficPolicy
    /// How long a client stays with its endpoint after it was heard, or `nil` where it does not.
    let stickySeconds: UInt32?
    /// Where clients dial it inside the cluster.
    var addresses: [SocketAddress] = []
    /// Where clients dial it from outside.
    var nodePort: UInt16?

    /// A rule about this service, with its name.
    func rule(_ matches: [Match], _ target: Target) -> Rule {
        Rule(matches + (comment.map { [.comment($0)] } ?? []), target)
    }
}

extension OfferedPort {
    /// What an endpoint keeps its clients by: its own chain, and the set of those it remembers;
    /// `nil` where clients do not stay.
    func clients(of place: SocketAddress) -> (chain: String, set: String)? {
        guard stickySeconds != nil else { return nil }
        let chain = ChainName.endpoint(place, of: identity)
        return (chain, ClientSet.name(of: chain, place.address.family))
    }

    /// Where a packet to a ClusterIP goes; `nil` where filter refuses it, since nobody is
    /// anywhere.
    var insideTarget: Target? {
        guard !everywhere.isEmpty else { return nil }
        guard internalPolicy == .local else { return .goto(ChainName.service(identity)) }
        return .goto(here.isEmpty ? ChainName.drop : ChainName.local(identity))
    }

    /// Where a packet to the NodePort goes.
    ///
    /// Accepted as it is, it is refused by filter: it has the mark of who came through a
    /// NodePort, and is not translated.
    var outsideTarget: Target {
        guard !everywhere.isEmpty else { return .accept }
        return .goto(
            externalPolicy == .local ? ChainName.external(identity) : ChainName.service(identity)
        )
    }

    /// Whether somebody comes to all endpoints.
    var usesEverywhere: Bool {
        nodePort != nil || !addresses.isEmpty && internalPolicy == .cluster
    }

    /// Whether somebody comes to those of this machine alone.
    var usesHere: Bool { usesExternalChoice || !addresses.isEmpty && internalPolicy == .local }

    /// Whether it depends on where a client is which endpoints answer its NodePort.
    var usesExternalChoice: Bool {
        nodePort != nil && externalPolicy == .local && !everywhere.isEmpty
    }
}
