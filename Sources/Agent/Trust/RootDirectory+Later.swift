import Foundation
package import Registry
import Sodium
package import Vocabulary

/// What a root decides after its cluster began: who goes on, who is out, and who may let others in.
extension RootDirectory {
    /// Signs a later certificate for the key that an earlier one is for.
    ///
    /// - Parameters:
    ///   - certificate: The earlier one; it may have ended.
    ///   - now: When.
    /// - Returns: The later one, which is written down.
    /// - Throws: `AgentError` where the earlier one is not of this cluster, or revoked.
    package mutating func renew(_ certificate: Certificate, at now: WallTime) throws -> Certificate
    {
        let name = certificate.content.name
        if let problem = certificate.problem(under: anchor, check: .real) {
            throw AgentError("this certificate of \"\(name)\" is not renewed: \(problem)")
        }
        if ledger.isRevoked(certificate.node) {
            throw AgentError(
                "\"\(name)\" (\(certificate.node.short)) is revoked for good. A new key makes it a new "
                    + "node: grapevine trust issue --name \(name) …"
            )
        }
        var content = certificate.content
        // Later than the one before, whenever that was.
        let begin = max(now.seconds - min(now.seconds, 3600), content.notBefore + 1)
        guard begin <= now.seconds else {
            throw AgentError(
                "the certificate of \"\(name)\" was made at a time to come: is this machine's clock "
                    + "right? It says \(now.text)"
            )
        }
        content.notBefore = begin
        content.notAfter = begin + Certificate.maximumLifetime
        guard let renewed = Certificate(signing: content, by: root) else {
            throw AgentError(
                "the certificate of \"\(name)\" cannot be renewed: \(content.problem ?? "too long")"
            )
        }
        try ledger.note(renewed)
        return renewed
    }

    /// The latest certificate under a name, or in a file: of the root, of a machine, or a bundle.
    ///
    /// - Throws: `AgentError` where there is none.
    package func certificate(of target: String) throws -> Certificate {
        if let certificate = ledger.latest(named: target) { return certificate }
        guard FileManager.default.fileExists(atPath: target) else {
            throw AgentError(
                "no certificate was issued here for \"\(target)\", and there is no such file. Of a "
                    + "machine that a token let in, take its certificate there: grapevine trust "
                    + "request --out FILE"
            )
        }
        if let bundle = try? Bundle.read(target) { return bundle.certificate }
        guard case .certificate(let certificate) = try TrustFile(reading: target) else {
            throw AgentError("\(target) holds no certificate")
        }
        return certificate
    }

    /// Signs that a node, or whoever a delegation let in, is a member no more.
    ///
    /// - Parameters:
    ///   - target: A name, an id, a file with a certificate, or a token.
    ///   - reason: For people.
    ///   - now: When.
    /// - Returns: The record, which is written down.
    /// - Throws: `AgentError` where nobody is meant by the target, or several.
    package mutating func revoke(
        _ target: String,
        reason: String,
        at now: WallTime
    ) throws -> Record {
        let (node, end) = try subject(of: target)
        if let record = ledger.revocations.first(where: { $0.revocation?.node == node }) {
            return record
        }
        // A key may have certificates that nobody wrote down; none of them lasts longer.
        let until = max(end, now.seconds + Certificate.maximumLifetime)
        let revocation = Revocation(node: node, at: now, until: until, reason: reason)
        let header = RecordHeader(
            kind: .revoke,
            author: NodeID(of: root.verifyingKey),
            incarnation: 0,
            sequence: 1,
            slot: 0,
            time: HybridTime(now)
        )
        let body = RecordBody.revocation(revocation)
        guard let record = Record(header, body, key: root, cluster: anchor.cluster) else {
            throw AgentError("--reason has more than 255 bytes")
        }
        try ledger.note(record, of: node)
        return record
    }

    /// What should be said of an id before it is revoked; `nil` where it is one that this root
    /// wrote down.
    ///
    /// Machines that a token let in are written down nowhere, so it is no mistake by itself.
    package func doubt(about target: String) -> String? {
        guard let node = NodeID(hex: target), !ledger.issued.contains(where: { $0.node == node }),
            !ledger.delegations.contains(where: { $0.id == node })
        else { return nil }
        return
            "this root wrote nothing down of \(target): that is so of a machine that a token let in, "
            + "and of a mistyped id. To compare: grapevine members -o wide"
    }

    /// Who is meant, and until when that one may have a certificate.
    private func subject(of target: String) throws -> (node: NodeID, end: UInt64) {
        let named = ledger.issued.filter {
            $0.content.name == target && !ledger.isRevoked($0.node)
        }
        if named.count > 1 {
            let list = named.map(\.node.description).joined(separator: ", ")
            throw AgentError(
                "\"\(target)\" was issued for several keys: say which one is meant, by its id: \(list)"
            )
        }
        if let certificate = named.first {
            return (certificate.node, certificate.content.notAfter)
        }
        if let node = NodeID(hex: target) {
            let delegation = ledger.delegations.first { $0.id == node }
            return (node, delegation?.lastEnd ?? 0)
        }
        if let token = try? JoinToken(target) { return try subject(of: token) }
        if let revoked = ledger.issued.first(where: { $0.content.name == target }) {
            return (revoked.node, revoked.content.notAfter)
        }
        if let text = try? String(contentsOfFile: target, encoding: .utf8),
            let token = try? JoinToken(text)
        {
            return try subject(of: token)
        }
        let certificate = try certificate(of: target)
        guard certificate.content.cluster == anchor.cluster else {
            throw AgentError("\(target) is of cluster \(certificate.content.cluster.short)")
        }
        return (certificate.node, certificate.content.notAfter)
    }

    private func subject(of token: JoinToken) throws -> (node: NodeID, end: UInt64) {
        guard token.anchor.cluster == anchor.cluster else {
            throw AgentError(
                "the token is for cluster \"\(token.clusterName)\" (\(token.anchor.cluster.short))"
            )
        }
        return (token.delegation.id, token.delegation.lastEnd)
    }

    /// Gives away the right to let machines in.
    ///
    /// - Parameters:
    ///   - request: For how long, and how far it goes.
    ///   - now: When.
    /// - Returns: The token; only its delegation is written down.
    /// - Throws: `AgentError` where the request makes no sense; nothing is written then.
    package mutating func token(_ request: TokenRequest, at now: WallTime) throws -> JoinToken {
        let key = SigningKey.generate()
        let content = Delegation.Content(
            cluster: anchor.cluster,
            key: key.verifyingKey,
            serial: SecretBytes.draw(8).reduce(0) { $0 << 8 | UInt64($1) },
            // An hour back, for machines whose clocks are behind.
            notBefore: now.seconds - min(now.seconds, 3600),
            notAfter: now.seconds + request.validSeconds,
            lifetime: UInt32(clamping: request.lifetimeSeconds),
            allowsAdmins: request.allowsAdmins,
            maximumServices: request.maximumServices,
            maximumRecords: Certificate.Content.records(forServices: request.maximumServices),
            namePrefix: request.namePrefix,
            addresses: request.addressRanges,
            podCIDRs: request.podCIDRs,
            namespaces: request.namespaces
        )
        if let problem = content.problem { throw AgentError(problem) }
        guard let delegation = Delegation(signing: content, by: root) else {
            throw AgentError(
                "the delegation would be longer than \(Delegation.maximumLength) bytes: name fewer "
                    + "ranges or namespaces"
            )
        }
        guard
            let token = JoinToken(
                anchor: anchor,
                delegation: delegation,
                key: key,
                clusterName: settings.name,
                peers: request.peers
            )
        else { throw AgentError("a token has at most \(JoinToken.maximumPeers) peers") }
        try ledger.note(delegation)
        return token
    }
}

/// What a token is asked for.
package struct TokenRequest: Hashable, Sendable {
    /// How long machines may be let in.
    package var validSeconds: UInt64
    /// How long a machine stays a member then.
    package var lifetimeSeconds: UInt64
    package var namePrefix: String
    /// Patterns; see `Certificate.Content.namespaces`.
    package var namespaces: [String]
    /// Empty for anywhere.
    package var addressRanges: [CIDR]
    package var podCIDRs: [CIDR]
    package var allowsAdmins: Bool
    package var maximumServices: UInt16
    /// As `HOST:PORT`.
    package var peers: [String]

    package init(
        validSeconds: UInt64 = 3600,
        lifetimeSeconds: UInt64 = Certificate.maximumLifetime,
        namePrefix: String = "",
        namespaces: [String] = ["*"],
        addressRanges: [CIDR] = [],
        podCIDRs: [CIDR] = [],
        allowsAdmins: Bool = false,
        maximumServices: UInt16 = 1024,
        peers: [String] = []
    ) {
        self.validSeconds = validSeconds
        self.lifetimeSeconds = lifetimeSeconds
        self.namePrefix = namePrefix
        self.namespaces = namespaces
        self.addressRanges = addressRanges
        self.podCIDRs = podCIDRs
        self.allowsAdmins = allowsAdmins
        self.maximumServices = maximumServices
        self.peers = peers
    }
}
