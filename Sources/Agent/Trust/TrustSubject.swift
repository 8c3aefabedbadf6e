import Foundation
package import Registry
import Vocabulary

/// Whatever `trust show` can explain, without its secrets.
package enum TrustSubject: Sendable {
    case root(RootDirectory)
    case bundle(BundleSummary)
    case token(JoinToken)
    case file(TrustFile)

    /// Finds out what a text is: a token, a directory of a root, or one of the files.
    ///
    /// - Throws: `AgentError` that names the file.
    package init(_ target: String) throws {
        if target.hasPrefix("gv1.") {
            self = .token(try Self.token(target))
            return
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: target, isDirectory: &isDirectory) else {
            throw AgentError("there is no file \(target), and a token begins with gv1.")
        }
        if isDirectory.boolValue {
            self = .root(try RootDirectory.open(target))
            return
        }
        guard let data = FileManager.default.contents(atPath: target) else {
            throw AgentError("cannot read \(target): permission denied")
        }
        let text = String(decoding: data, as: UTF8.self)
        if text.hasPrefix("gv1.") {
            self = .token(try Self.token(text))
        } else if text.contains("\"grapevine-bundle\"") {
            self = .bundle(try BundleSummary(reading: target))
        } else {
            self = .file(try TrustFile(text: Array(data), path: target))
        }
    }

    private static func token(_ text: String) throws -> JoinToken {
        do throws(JoinToken.Problem) {
            return try JoinToken(text)
        } catch {
            throw AgentError(error.description)
        }
    }
}

/// What a bundle says, without its key.
package struct BundleSummary: Sendable {
    package let clusterName: String
    package let certificate: Certificate
    /// `nil` where a token let the machine in.
    package let settings: ClusterSettings?

    /// - Throws: `AgentError` that names the file.
    package init(reading path: String) throws {
        let bundle = try Bundle.read(path)
        clusterName = bundle.clusterName
        certificate = bundle.certificate
        if case .cluster(let settings)? = bundle.cluster?.body {
            self.settings = settings
        } else {
            settings = nil
        }
    }
}

/// A token in a file: as secret as a bundle.
package enum TokenFile {
    /// Writes the line, readable by its owner only; a file that is there already stays.
    ///
    /// - Throws: `AgentError` that names the file.
    package static func write(_ token: JoinToken, to path: String) throws {
        try SecretFile.write(text: Data((token.text + "\n").utf8), to: path)
    }

    /// The text in a file, or on standard input where the path is `-`.
    ///
    /// - Throws: `AgentError` that names the file.
    package static func read(_ path: String) throws -> String {
        let data =
            path == "-"
            ? FileHandle.standardInput.readData(ofLength: 65_536)
            : try SecretFile.bytes(path, what: "token")
        return String(decoding: data, as: UTF8.self)
    }
}
