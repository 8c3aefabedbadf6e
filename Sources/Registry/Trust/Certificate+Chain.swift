package import Sodium
package import Vocabulary

/// From a root to a node: by itself, or through one delegation.
extension Certificate {
    /// Who may be revoked in the node's place: revoking one of these revokes the node.
    ///
    /// Empty where a root signed the certificate itself.
    package var issuers: [NodeID] { delegation.map { [$0.id] } ?? [] }

    /// Whether the chain leads to one of these roots, each link within the bounds of the one
    /// above.
    package func isSigned(byOneOf roots: [VerifyingKey], check: SignatureCheck) -> Bool {
        chainProblem(roots, check) == nil
    }

    /// Why a member of a cluster must not believe this certificate, in a person's words, or
    /// `nil`.
    ///
    /// Whether it counts at a time is `Content.isValid(at:)`: a delegation that has ended since
    /// does not take back what it let in.
    package func problem(under anchor: TrustAnchor, check: SignatureCheck) -> String? {
        guard content.cluster == anchor.cluster else {
            return "it is of cluster \(content.cluster.short), not of \(anchor.cluster.short)"
        }
        return chainProblem(anchor.roots, check)
    }

    /// Everything cheap before the signatures.
    private func chainProblem(_ roots: [VerifyingKey], _ check: SignatureCheck) -> String? {
        let (message, signature) = signedParts
        guard let delegation else {
            let isRoots = roots.contains { check.isValid(signature, of: message, by: $0) }
            return isRoots ? nil : "no root of this cluster signed it"
        }
        if let problem = delegation.content.problem(of: content) { return problem }
        guard delegation.isSigned(byOneOf: roots, check: check) else {
            return "no root of this cluster signed the delegation behind it"
        }
        return check.isValid(signature, of: message, by: delegation.content.key)
            ? nil : "the holder of the delegation did not sign it"
    }
}
