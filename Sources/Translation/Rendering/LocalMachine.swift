package import Vocabulary

/// What a node knows of the machine it runs on, as far as rules depend on it.
package struct LocalMachine: Hashable, Sendable {
    package let node: NodeID
    /// Sorted, unique: the ranges this machine gives its pods addresses from.
    package let podCIDRs: [CIDR]

    package init(node: NodeID, podCIDRs: [CIDR]) {
        self.node = node
        self.podCIDRs = Set(podCIDRs).sorted()
    }
}
