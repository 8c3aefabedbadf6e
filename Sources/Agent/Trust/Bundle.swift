import Foundation
import Registry
import Sodium
import Vocabulary

/// Everything one machine needs to belong to a cluster: what to believe, who it is, and the key
/// that proves it.
///
/// Whoever has the file is the node.
struct Bundle: Sendable {
    let anchor: TrustAnchor
    let certificate: Certificate
    let key: SigningKey
    /// The root-signed CLUSTER record; `nil` where a token let the machine in.
    let cluster: Record?
    /// What people call the cluster.
    let clusterName: String
    /// Where members were when the token was made, as `HOST:PORT`.
    let peers: [String]

    /// The file's words; byte strings are in base64.
    private struct File: Codable {
        var kind = "grapevine-bundle"
        var version = 1
        var name: String
        var cluster: String
        var clusterID: String
        var roots: [Data]
        var clusterRecord: Data?
        var certificate: Data
        var key: Data
        var peers: [String]?
    }

    /// What a root issues.
    init(anchor: TrustAnchor, certificate: Certificate, key: SigningKey, cluster: Record) throws {
        guard case .cluster(let settings) = cluster.body else {
            throw AgentError("the bundle's cluster record is of another kind")
        }
        self.init(
            anchor: anchor,
            certificate: certificate,
            key: key,
            cluster: cluster,
            clusterName: settings.name,
            peers: []
        )
    }

    /// What a machine makes of a token.
    init(_ token: JoinToken, certificate: Certificate, key: SigningKey) {
        self.init(
            anchor: token.anchor,
            certificate: certificate,
            key: key,
            cluster: nil,
            clusterName: token.clusterName,
            peers: token.peers
        )
    }

    private init(
        anchor: TrustAnchor,
        certificate: Certificate,
        key: SigningKey,
        cluster: Record?,
        clusterName: String,
        peers: [String]
    ) {
        self.anchor = anchor
        self.certificate = certificate
        self.key = key
        self.cluster = cluster
        self.clusterName = clusterName
        self.peers = peers
    }

    /// The same node with a later certificate; itself where that is none of its own, or not later.
    func renewed(by certificate: Certificate?) -> Bundle {
        guard let certificate, certificate.content.key == key.verifyingKey,
            certificate.content.notBefore > self.certificate.content.notBefore,
            certificate.problem(under: anchor, check: .real) == nil
        else { return self }
        return Bundle(
            anchor: anchor,
            certificate: certificate,
            key: key,
            cluster: cluster,
            clusterName: clusterName,
            peers: peers
        )
    }

    /// Reads a bundle and checks that its parts belong together.
    ///
    /// - Throws: `AgentError` that names the file.
    static func read(_ path: String) throws -> Bundle {
        let file: File = try SecretFile.read(path, what: "bundle")
        guard file.kind == "grapevine-bundle" else {
            throw AgentError("\(path) is a \(file.kind), not a bundle from `trust issue`")
        }
        guard file.version == 1 else {
            throw AgentError(
                "\(path) is a bundle of version \(file.version), this program knows version 1"
            )
        }
        let broken = "is damaged: issue the bundle again with `grapevine trust issue`"
        guard let cluster = ClusterID(hex: file.clusterID),
            let key = SigningKey(seed: Array(file.key)),
            let certificate = try? Certificate(decoding: Array(file.certificate)),
            (1...3).contains(file.roots.count)
        else { throw AgentError("\(path) \(broken)") }
        let roots = file.roots.compactMap { VerifyingKey(bytes: $0) }
        guard roots.count == file.roots.count else { throw AgentError("\(path) \(broken)") }
        let anchor = TrustAnchor(cluster: cluster, roots: roots)
        try check(certificate, key, anchor, path)
        let record = try file.clusterRecord.map { try clusterRecord($0, anchor, path) }
        let clusterName = record.map(\.name) ?? file.cluster
        let bundle = Bundle(
            anchor: anchor,
            certificate: certificate,
            key: key,
            cluster: record?.record,
            clusterName: clusterName,
            peers: file.peers ?? []
        )
        guard file.name == certificate.content.name, file.cluster == clusterName else {
            throw AgentError(
                "\(path) says \"\(file.name)\" of \"\(file.cluster)\", its certificate is for "
                    + "\"\(certificate.content.name)\" of \"\(clusterName)\": somebody "
                    + "changed the file. Issue the bundle again"
            )
        }
        return bundle
    }

    private static func check(
        _ certificate: Certificate,
        _ key: SigningKey,
        _ anchor: TrustAnchor,
        _ path: String
    ) throws {
        guard certificate.content.cluster == anchor.cluster else {
            throw AgentError(
                "\(path): the certificate is of cluster \(certificate.content.cluster.short), the "
                    + "bundle of \(anchor.cluster.short). Issue it again from the right directory"
            )
        }
        guard certificate.content.key == key.verifyingKey else {
            throw AgentError("\(path): the certificate is for another key than the bundle's")
        }
        if let problem = certificate.problem(under: anchor, check: .real) {
            throw AgentError("\(path): the certificate is not to be believed: \(problem)")
        }
    }

    private static func clusterRecord(
        _ bytes: Data,
        _ anchor: TrustAnchor,
        _ path: String
    ) throws -> (record: Record, name: String) {
        guard let record = try? Record(decoding: Array(bytes)),
            case .cluster(let settings) = record.body
        else {
            throw AgentError(
                "\(path) is damaged: issue the bundle again with `grapevine trust issue`"
            )
        }
        let signed = record.signedBytes(in: anchor.cluster)
        guard anchor.roots.contains(where: { $0.isValid(record.signature, for: signed) }) else {
            throw AgentError("\(path): no root of this cluster signed the cluster record")
        }
        return (record, settings.name)
    }

    /// - Throws: `AgentError` where the certificate does not count now.
    func checkValidity(at now: WallTime, path: String) throws {
        let content = certificate.content
        if now.seconds > content.notAfter {
            let days = (now.seconds - content.notAfter) / 86_400
            throw AgentError(
                "\(path): the certificate of \"\(content.name)\" ended \(days) days ago. Issue a "
                    + "new one for the same key where the root key is: grapevine trust renew "
                    + "\(content.name) --dir DIR --out \(content.name).cert; then here: grapevine "
                    + "trust load \(content.name).cert --data-dir DIR"
            )
        }
        if now.seconds < content.notBefore {
            throw AgentError(
                "\(path): the certificate of \"\(content.name)\" is not valid yet: is this "
                    + "machine's clock right? It says \(Date(timeIntervalSince1970: Double(now.seconds)))"
            )
        }
    }

    /// Writes the file, readable by its owner only.
    func write(to path: String) throws { try SecretFile.write(file, to: path) }

    /// Writes the file so that it is on disk afterwards, whole.
    func writeDurably(to path: String) throws { try SecretFile.replace(file, at: path) }

    private var file: File {
        File(
            name: certificate.content.name,
            cluster: clusterName,
            clusterID: anchor.cluster.description,
            roots: anchor.roots.map { Data($0.bytes) },
            clusterRecord: cluster.map { Data($0.bytes) },
            certificate: Data(certificate.bytes),
            key: Data(key.seed),
            peers: peers.isEmpty ? nil : peers
        )
    }
}
