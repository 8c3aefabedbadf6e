package import Registry
package import Sodium
package import Vocabulary

/// What a root says later: who may let others in, who is out, and what holds now.
extension Authority {
    /// A right to let machines in for the first hour, and the key it is for.
    package func delegation(
        change: (inout Delegation.Content) -> Void = { _ in }
    ) -> (delegation: Delegation, key: SigningKey) {
        let key = key(of: 1_000_000)
        let begin = Self.beginning.seconds - 3600
        var content = Delegation.Content(
            cluster: anchor.cluster,
            key: key.verifyingKey,
            serial: 1,
            notBefore: begin,
            notAfter: begin + 7200,
            podCIDRs: [CIDR(.v4(0x6440_0000), bits: 10)]
        )
        change(&content)
        guard let delegation = Delegation(signing: content, by: root) else {
            preconditionFailure("the root delegates no such thing: \(content.problem ?? "size")")
        }
        return (delegation, key)
    }

    /// A machine's certificate, signed by the holder of the delegation.
    package func delegatedCertificate(
        of machine: Int,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) -> Certificate {
        let (delegation, key) = delegation()
        let content = certificate(of: machine, change: change).content
        guard let certificate = Certificate(signing: content, under: delegation, by: key) else {
            preconditionFailure("a delegated certificate of \(content.name) is too long")
        }
        return certificate
    }

    /// REVOKE of a node, or of everyone whom a delegation let in.
    package func revocation(of node: NodeID, reason: String = "stolen") -> Record {
        let revocation = Revocation(
            node: node,
            at: Self.beginning,
            until: Self.beginning.seconds + 2 * Certificate.maximumLifetime,
            reason: reason
        )
        return record(.revoke, .revocation(revocation))
    }

    /// CLUSTER, later than the one that everybody begins with.
    package func settings(change: (inout ClusterSettings) -> Void) -> Record {
        guard case .cluster(var settings) = cluster.body else {
            preconditionFailure("the CLUSTER record is of another kind")
        }
        settings.epoch += 1
        change(&settings)
        return record(.cluster, .cluster(settings))
    }

    private func record(_ kind: RecordKind, _ body: RecordBody) -> Record {
        let header = RecordHeader(
            kind: kind,
            author: NodeID(of: root.verifyingKey),
            incarnation: 0,
            sequence: 2,
            slot: 0,
            time: HybridTime(Self.beginning)
        )
        guard let record = Record(header, body, key: root, cluster: anchor.cluster) else {
            preconditionFailure("a \(kind) of the root does not fit a record")
        }
        return record
    }
}

extension CIDR {
    /// The range of so many leading bits that holds an address.
    fileprivate init(_ address: IPAddress, bits: Int) {
        guard let range = CIDR(holding: address, prefixLength: bits) else {
            preconditionFailure("no range of \(bits) leading bits holds \(address)")
        }
        self = range
    }
}
