package import Sodium
package import Vocabulary

/// What a node believes without proof: which cluster it is in, and whose signature made it.
package struct TrustAnchor: Hashable, Sendable {
    package let cluster: ClusterID
    /// One to three offline keys.
    package let roots: [VerifyingKey]

    package init(cluster: ClusterID, roots: [VerifyingKey]) {
        precondition((1...3).contains(roots.count), "a cluster has 1...3 roots, not \(roots.count)")
        self.cluster = cluster
        self.roots = roots
    }
}
