import Foundation
import Host

/// The part of systemd-resolved's configuration that is ours.
struct ResolvedFile {
    let path: String

    init(_ path: String) { self.path = path }

    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    /// Writes it as a whole, or leaves what is there.
    ///
    /// - Throws: `Failure` that says what to do.
    func write(_ text: String) throws(Failure) {
        let url = URL(filePath: path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url, options: .atomic)
            // Others must read it: systemd-resolved runs as a user of its own.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        } catch {
            throw Self.failure("write", path, error)
        }
    }

    /// - Throws: `Failure` that says what to do.
    func remove() throws(Failure) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw Self.failure("remove", path, error)
        }
    }

    private static func failure(_ verb: String, _ path: String, _ error: any Error) -> Failure {
        let code = (error as? CocoaError)?.code
        guard code == .fileWriteNoPermission else {
            return Failure(.failed, "cannot \(verb) \(path): \(error.localizedDescription)")
        }
        let command = verb == "write" ? "install" : "uninstall"
        return Failure(
            .failed,
            "cannot \(verb) \(path): permission denied. It is root's: sudo grapevine dns \(command)"
        )
    }
}

/// systemd-resolved, where this machine has it.
enum ResolvedService {
    enum Restart: Hashable, Sendable {
        case restarted
        case notRunning
        case failed(String)
    }

    /// Makes it read its files again: it has no reload before version 256.
    ///
    /// - Parameter root: Where tests look for what says that it runs.
    /// - Returns: What came of it.
    static func restart(root: String = "") async -> Restart {
        guard FileManager.default.fileExists(atPath: "\(root)/run/systemd/resolve") else {
            return .notRunning
        }
        do {
            guard let words = try await SystemdUnit("systemd-resolved").restart() else {
                return .restarted
            }
            return .failed("\(words). sudo systemctl restart systemd-resolved")
        } catch {
            return .failed("\(error)")
        }
    }
}
