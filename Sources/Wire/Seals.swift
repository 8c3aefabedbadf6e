import Registry
package import Sodium
package import Vocabulary

/// How packets are sealed: truly, or, in large simulations, so that it only looks like it.
package enum Seals: Hashable, Sendable {
    case real
    /// Without secrets and without their price. What is sealed so is as long as it would be.
    case plain

    /// The key of two nodes, the same on both sides.
    ///
    /// - Returns: `nil` where the other half is no proper point.
    package func key(
        mine: AgreementKey,
        myself: NodeID,
        theirs: [UInt8],
        peer: NodeID,
        cluster: ClusterID
    ) -> SealingKey? {
        switch self {
        case .real:
            return SealingKey(
                mine: mine,
                myself: myself,
                theirs: theirs,
                peer: peer,
                cluster: cluster
            )
        case .plain:
            // Of both halves, so that a packet to an earlier start does not open.
            let number = Self.half(mine.publicHalf) ^ Self.half(theirs)
            return .plain(number ^ cluster.number ^ myself.number ^ peer.number)
        }
    }

    private static func half(_ bytes: [UInt8]) -> UInt128 {
        var reader = ByteReader(bytes)
        return (try? reader.read(UInt128.self)) ?? 0
    }
}
