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
    /// The root-signed CLUSTER record.
    let cluster: Record
    let settings: ClusterSettings

    /// The file's words; byte strings are in base64.
    private struct File: Codable {
        var kind = "grapevine-bundle"
        var version = 1
        var name: String
        var cluster: String
        var clusterID: String
        var roots: [Data]
        var clusterRecord: Data
        var certificate: Data
        var key: Data
    }

    init(anchor: TrustAnchor, certificate: Certificate, key: SigningKey, cluster: Record) throws {
        guard case .cluster(let settings) = cluster.body else {
            throw AgentError("the bundle's cluster record is of another kind")
        }
        self.anchor = anchor
        self.certificate = certificate
        self.key = key
        self.cluster = cluster
        self.settings = settings
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
            let record = try? Record(decoding: Array(file.clusterRecord)),
            (1...3).contains(file.roots.count)
        else { throw AgentError("\(path) \(broken)") }
        let roots = file.roots.compactMap { VerifyingKey(bytes: $0) }
        guard roots.count == file.roots.count else { throw AgentError("\(path) \(broken)") }
        let anchor = TrustAnchor(cluster: cluster, roots: roots)
        try check(certificate, key, anchor, record, path)
        let bundle = try Bundle(
            anchor: anchor,
            certificate: certificate,
            key: key,
            cluster: record
        )
        guard file.name == certificate.content.name, file.cluster == bundle.settings.name else {
            throw AgentError(
                "\(path) says \"\(file.name)\" of \"\(file.cluster)\", its certificate is for "
                    + "\"\(certificate.content.name)\" of \"\(bundle.settings.name)\": somebody "
                    + "changed the file. Issue the bundle again"
            )
        }
        return bundle
    }

    private static func check(
        _ certificate: Certificate,
        _ key: SigningKey,
        _ anchor: TrustAnchor,
        _ record: Record,
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
        guard certificate.isSigned(byOneOf: anchor.roots, check: .real) else {
            throw AgentError("\(path): no root of this cluster signed the certificate")
        }
        let signed = record.signedBytes(in: anchor.cluster)
        guard anchor.roots.contains(where: { $0.isValid(record.signature, for: signed) }) else {
            throw AgentError("\(path): no root of this cluster signed the cluster record")
        }
    }

    /// - Throws: `AgentError` where the certificate does not count now.
    func checkValidity(at now: WallTime, path: String) throws {
        let content = certificate.content
        if now.seconds > content.notAfter {
            let days = (now.seconds - content.notAfter) / 86_400
            throw AgentError(
                "\(path): the certificate of \"\(content.name)\" ended \(days) days ago. Issue a "
                    + "new one: grapevine trust issue --dir DIR --name \(content.name) …"
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
    func write(to path: String) throws {
        let file = File(
            name: certificate.content.name,
            cluster: settings.name,
            clusterID: anchor.cluster.description,
            roots: anchor.roots.map { Data($0.bytes) },
            clusterRecord: Data(cluster.bytes),
            certificate: Data(certificate.bytes),
            key: Data(key.seed)
        )
        try SecretFile.write(file, to: path)
    }
}
