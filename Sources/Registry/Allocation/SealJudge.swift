package import Sodium
package import Vocabulary

/// Decides whether a claim is sealed: whether enough other members saw it when it was made
/// (registry design, section 5.2).
///
/// A seal is bound to the slot of the claim's record, and dies with it: one that was kept back
/// is worth nothing later.
package struct SealJudge: Sendable {
    /// How many witnesses it takes; 0 where the cluster does without.
    package let quorum: Int
    private let cluster: ClusterID
    private let witnesses: [NodeID: VerifyingKey]

    /// - Parameters:
    ///   - quorum: Of the cluster's settings.
    ///   - cluster: Whose seals these are.
    ///   - witnesses: The keys of the members whose certificates are in force.
    package init(quorum: UInt8, cluster: ClusterID, witnesses: [NodeID: VerifyingKey]) {
        self.quorum = Int(quorum)
        self.cluster = cluster
        self.witnesses = witnesses
    }

    /// What a witness signs for a claim.
    package static func message(
        for claim: Claim,
        of service: ServiceID,
        in slot: RecordSlot,
        cluster: ClusterID
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write("gv1-seal\0".utf8)
        writer.write(cluster)
        writer.write(service)
        writer.write(claim.resource.kind)
        var number = ByteWriter()
        claim.resource.writeNumber(into: &number)
        writer.write(number.bytes + [UInt8](repeating: 0, count: 16 - number.bytes.count))
        writer.write(claim.stamp.raw)
        writer.write(slot.author)
        writer.write(slot.incarnation)
        writer.write(slot.slot)
        return writer.bytes
    }

    /// Whether enough different members, not counting the author, sealed a claim.
    package func isSealed(_ hold: AddressBook.Hold, for service: ServiceID) -> Bool {
        guard hold.claim.seals.count >= quorum else { return false }
        let message = Self.message(
            for: hold.claim,
            of: service,
            in: hold.slot,
            cluster: cluster
        )
        var counted: [NodeID] = []
        for seal in hold.claim.seals
        where seal.witness != hold.slot.author && !counted.contains(seal.witness) {
            guard let key = witnesses[seal.witness], key.isValid(seal.signature, for: message)
            else { continue }
            counted.append(seal.witness)
        }
        return counted.count >= quorum
    }
}
