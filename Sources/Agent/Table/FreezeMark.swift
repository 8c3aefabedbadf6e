import Foundation

/// A file in the data directory: while it is there, the agent writes no rule.
///
/// It is a file and not memory, because whoever freezes a machine in a bad hour does not want a
/// restart, or a package upgrade in the night, to thaw it; and because it can be seen, and
/// removed, with the agent stopped.
struct FreezeMark: Sendable {
    private let path: String

    init(dataDirectory: String) { path = "\(dataDirectory)/table.frozen" }

    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    /// - Throws: `AgentError` that names the file.
    func put() throws {
        let text = "`grapevine freeze` made this file; `grapevine unfreeze` removes it.\n"
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
            throw AgentError("cannot write \(path), so the table is not frozen: ls -l \(path)")
        }
    }

    /// - Throws: `AgentError` that names the file.
    func remove() throws {
        guard isThere else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw AgentError("cannot remove \(path), so the table stays frozen: \(error)")
        }
    }
}
