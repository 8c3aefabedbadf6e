import GRDB

/// Why the data directory cannot be used.
package enum StoreError: HostError, Hashable {
    /// Another agent has the directory.
    case inUse(directory: String, pid: Int32?)
    /// The file is not what we wrote. It stays as it is.
    case corrupt(String, detail: String)
    /// A later version of the program wrote it.
    case newer(String, found: Int, supported: Int)
    case full(String)
    case denied(String)
    case io(String, detail: String)

    package var description: String {
        switch self {
        case .inUse(let directory, let pid):
            let who = pid.map { "another agent (pid \($0))" } ?? "another agent"
            return "the data directory \(directory) is in use by \(who); two agents must not "
                + "sign with one identity. Stop that one, or choose another --data-dir"
        case .corrupt(let path, let detail):
            return "the database \(path) is damaged (\(detail)). Nothing was changed. Start the "
                + "agent once with --salvage: it sets the file aside, keeps what is whole in it, "
                + "tells what is lost, and learns the rest from its peers"
        case .newer(let path, let found, let supported):
            return "the database \(path) has schema \(found), this program knows up to "
                + "\(supported): a later version wrote it. Nothing was changed. Upgrade grapevine "
                + "on this machine"
        case .full(let path):
            return "no room left to write \(path); until there is, nothing new is signed. "
                + "To see what takes it: df -h \(path)"
        case .denied(let path):
            return "cannot write \(path): permission denied. The agent must own its data "
                + "directory; run it as root, or choose another --data-dir"
        case .io(let path, let detail):
            return "cannot use \(path): \(detail). Check the disk: sudo dmesg | tail"
        }
    }

    /// What an error of SQLite, or one of ours, means for a file.
    init(_ error: any Error, _ path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? StoreError ?? .io(path, detail: "\(error)")
            return
        }
        let detail = error.message ?? "\(error.resultCode)"
        self =
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt(path, detail: detail)
            // Of statements that never change: it is the file that is another one.
            case .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_MISMATCH: .corrupt(path, detail: detail)
            case .SQLITE_FULL: .full(path)
            case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH: .denied(path)
            case .SQLITE_IOERR, .SQLITE_CANTOPEN:
                // Some of SQLite's own files fail in other ways when the disk is full.
                DataDirectory.isFull(path) ? .full(path) : .io(path, detail: detail)
            default: .io(path, detail: detail)
            }
    }
}
