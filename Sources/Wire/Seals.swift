import Registry
package import Sodium
package import Vocabulary

/// How packets are sealed: truly, or, in simulations, with less work.
package enum Seals: Hashable, Sendable {
    case real
    /// With keys that both sides can compute, and everybody else too: it spares a world of many
    /// nodes two multiplications on a curve for each pair of them. What is sealed with them is
    /// sealed truly.
    case derived
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
        case .derived:
            return SealingKey(
                derivedBy: myself,
                mine.publicHalf,
                and: peer,
                theirs,
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
