package import Vocabulary

/// What a node knows of the machine it runs on, as far as rules depend on it.
package struct LocalMachine: Hashable, Sendable {
    package let node: NodeID
    /// Sorted, unique: the ranges this machine gives its pods addresses from.
    package let podCIDRs: [CIDR]

    /// What the zone of this machine is called, as endpoints name theirs; empty where that is
    /// not known: then no endpoint is in it.
    package let zone: String

    /// Whether it has ipset, by which clients stay with their endpoints.
    package let hasSets: Bool

    /// Sorted: where it answers for names, at most once in a family; whoever asks at the cluster's
    /// own address for DNS is led there.
    package let nameServers: [SocketAddress]

    package init(
        node: NodeID,
        podCIDRs: [CIDR],
        zone: String = "",
        hasSets: Bool = true,
        nameServers: [SocketAddress] = []
    ) {
        self.node = node
        self.podCIDRs = Set(podCIDRs).sorted()
        self.zone = zone
        self.hasSets = hasSets
        self.nameServers = nameServers.sorted()
    }
}
