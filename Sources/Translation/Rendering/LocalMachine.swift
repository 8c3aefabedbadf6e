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

    /// NodePorts that stay with a program of this machine, which was there first; their services
    /// have them on all other machines.
    package let takenNodePorts: Set<LocalPort>
    /// Sorted: where it answers for names, at most once in a family; whoever asks at the cluster's
    /// own address for DNS is led there.
    package let nameServers: [SocketAddress]

    package init(
        node: NodeID,
        podCIDRs: [CIDR],
        zone: String = "",
        hasSets: Bool = true,
        takenNodePorts: Set<LocalPort> = [],
        nameServers: [SocketAddress] = []
    ) {
        self.node = node
        self.podCIDRs = Set(podCIDRs).sorted()
        self.zone = zone
        self.hasSets = hasSets
        self.takenNodePorts = takenNodePorts
        self.nameServers = nameServers.sorted()
    }
}

/// A port of one machine, at all its addresses.
package struct LocalPort: Hashable, Comparable, Sendable {
    package let port: UInt16
    package let transport: TransportProtocol

    package init(_ port: UInt16, _ transport: TransportProtocol) {
        self.port = port
        self.transport = transport
    }

    package static func < (left: LocalPort, right: LocalPort) -> Bool {
        (left.port, left.transport) < (right.port, right.transport)
    }
}
