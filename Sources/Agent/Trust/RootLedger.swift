import Foundation
package import Registry
import Sodium
package import Vocabulary

/// What a root signed so far, beside its key: so that no name is given twice, and a certificate can
/// be made anew without the machine it is for.
///
/// One file a thing, public bytes only; a lost file costs a word of warning, and no member its
/// membership.
package struct RootLedger: Sendable {
    /// By name, the later of one name last.
    package private(set) var issued: [Certificate] = []
    /// By their beginning.
    package private(set) var delegations: [Delegation] = []
    /// By the id of the revoked.
    package private(set) var revocations: [Record] = []
    private let directory: String

    private struct DelegationFile: Codable {
        var kind = "grapevine-delegation"
        var version = 1
        var bytes: Data
    }

    /// - Throws: `AgentError` that names the file.
    init(reading directory: String) throws {
        self.directory = directory
        for path in Self.files(in: "\(directory)/issued") {
            guard case .certificate(let certificate) = try TrustFile(reading: path) else {
                throw AgentError("\(path) is no certificate: take it out of the directory")
            }
            issued.append(certificate)
        }
        issued.sort {
            ($0.content.name, $0.content.notBefore) < ($1.content.name, $1.content.notBefore)
        }
        for path in Self.files(in: "\(directory)/revoked") {
            guard case .record(let record) = try TrustFile(reading: path),
                record.revocation != nil
            else { throw AgentError("\(path) is no revocation: take it out of the directory") }
            revocations.append(record)
        }
        for path in Self.files(in: "\(directory)/delegated") {
            let file: DelegationFile = try SecretFile.read(path, what: "delegation")
            guard let delegation = try? Delegation(decoding: Array(file.bytes)) else {
                throw AgentError("\(path) is damaged: take it from where you keep a copy")
            }
            delegations.append(delegation)
        }
        delegations.sort { ($0.content.notBefore, $0.id) < ($1.content.notBefore, $1.id) }
    }

    // MARK: Questions

    /// Whether a node, or a delegation, is revoked.
    package func isRevoked(_ node: NodeID) -> Bool {
        revocations.contains { $0.revocation?.node == node }
    }

    /// The certificates that may still count at a time: not revoked and not ended.
    func living(at now: WallTime) -> [Certificate] {
        issued.filter { $0.content.notAfter >= now.seconds && !isRevoked($0.node) }
    }

    /// The latest certificate of a name whose node is not revoked.
    func latest(named name: String) -> Certificate? {
        issued.last { $0.content.name == name && !isRevoked($0.node) }
    }

    // MARK: Notes

    /// Writes a certificate down, in the place of an earlier one of the same key.
    mutating func note(_ certificate: Certificate) throws {
        try put(TrustFile.certificate(certificate), certificate.node, in: "issued")
        issued.removeAll { $0.node == certificate.node }
        issued.append(certificate)
    }

    mutating func note(_ revocation: Record, of node: NodeID) throws {
        try put(TrustFile.record(revocation), node, in: "revoked")
        revocations.append(revocation)
    }

    mutating func note(_ delegation: Delegation) throws {
        let path = try place(delegation.id, in: "delegated")
        try SecretFile.replace(DelegationFile(bytes: Data(delegation.bytes)), at: path)
        delegations.append(delegation)
    }

    private func put(_ file: TrustFile, _ node: NodeID, in folder: String) throws {
        try SecretFile.replace(text: Data(file.text), at: try place(node, in: folder))
    }

    private func place(_ node: NodeID, in folder: String) throws -> String {
        try SecretFile.makeDirectory("\(directory)/\(folder)")
        return "\(directory)/\(folder)/\(node).json"
    }

    private static func files(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
    }
}

extension Record {
    /// What a REVOKE says; `nil` of other records.
    package var revocation: Revocation? {
        if case .revocation(let revocation) = body { revocation } else { nil }
    }
}
