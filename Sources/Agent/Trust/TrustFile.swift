import Foundation
package import Registry
import Vocabulary

/// What people carry between the root and the agents; nothing of it is secret.
///
/// It is JSON, so that one sees what it is; what counts are the signed bytes in it.
package enum TrustFile: Hashable, Sendable {
    /// What a node is, and the root or its delegate says that it may be that.
    case certificate(Certificate)
    /// REVOKE or CLUSTER: for everybody.
    case record(Record)

    private struct File: Codable {
        var kind: String
        var version = 1
        /// For people.
        var title: String
        var bytes: Data
    }

    private static let certificateKind = "grapevine-certificate"
    private static let recordKind = "grapevine-record"
    /// The most bytes of such a file; they have some two thousand.
    private static let longest = 65_536

    /// Reads such a file.
    ///
    /// - Parameters:
    ///   - bytes: Of the file.
    ///   - path: What it is called where something is wrong with it.
    /// - Throws: `AgentError` that names the file. No signature is checked.
    package init(text bytes: [UInt8], path: String) throws {
        guard bytes.count <= Self.longest,
            let file = try? JSONDecoder().decode(File.self, from: Data(bytes))
        else {
            throw AgentError(
                "\(path) is no certificate and no record that `grapevine trust` writes"
            )
        }
        guard file.version == 1 else {
            throw AgentError(
                "\(path) is of version \(file.version), this program knows version 1"
            )
        }
        let content = Array(file.bytes)
        switch file.kind {
        case Self.certificateKind:
            guard let certificate = try? Certificate(decoding: content) else {
                throw AgentError("\(path) is damaged: it holds no certificate. Copy it again")
            }
            self = .certificate(certificate)
        case Self.recordKind:
            guard let record = try? Record(decoding: content) else {
                throw AgentError("\(path) is damaged: it holds no record. Copy it again")
            }
            self = .record(record)
        default:
            throw AgentError("\(path) is a \(file.kind), not a certificate and not a record")
        }
    }

    /// Reads such a file.
    ///
    /// - Throws: `AgentError` that names the file.
    package init(reading path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AgentError("cannot read \(path): no such file, or no permission")
        }
        try self.init(text: Array(data), path: path)
    }

    /// The file.
    package var text: [UInt8] {
        let file: File =
            switch self {
            case .certificate(let certificate):
                File(
                    kind: Self.certificateKind,
                    title: title,
                    bytes: Data(certificate.bytes)
                )
            case .record(let record):
                File(kind: Self.recordKind, title: title, bytes: Data(record.bytes))
            }
        guard let data = try? SecretFile.text(of: file) else {
            preconditionFailure("JSON cannot hold \(title)")
        }
        return Array(data)
    }

    /// Writes the file; one that is there already stays as it is.
    ///
    /// - Throws: `AgentError` that names the file.
    package func write(to path: String) throws { try SecretFile.write(text: Data(text), to: path) }

    /// What it is, in a person's words.
    package var title: String {
        switch self {
        case .certificate(let certificate):
            let content = certificate.content
            return "the certificate of \(content.name) (\(certificate.node.short)) until "
                + WallTime(milliseconds: content.notAfter * 1000).text
        case .record(let record):
            switch record.body {
            case .revocation(let revocation):
                return "the revocation of \(revocation.node.short)"
            case .cluster(let settings):
                return "the settings of cluster \(settings.name), epoch \(settings.epoch)"
            case .head, .manifest, .declaration, .endpoints, .releases, .retractions, .fault:
                return "a \(record.header.kind) record"
            }
        }
    }
}

extension WallTime {
    /// `2026-03-01T12:00:00Z`; what is beyond all calendars ends with the last.
    package var text: String {
        Date(timeIntervalSince1970: Double(min(seconds, 253_402_300_799))).ISO8601Format()
    }
}
