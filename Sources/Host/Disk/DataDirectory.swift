import Glibc
import SystemPackage

/// A directory that only one agent uses at a time, and nobody else reads.
///
/// The lock is the kernel's (flock on `lock`), so it ends with the process however that dies; the
/// pid in the file is only for the message.
final class DataDirectory: Sendable {
    let path: String
    private let lock: CInt

    /// Makes the directory where it is missing, and takes it.
    init(_ path: String) throws(StoreError) {
        do {
            try Directory.create(path, mode: 0o700)
        } catch {
            throw Self.explain(error, path)
        }
        let file = "\(path)/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.explain(.last, file) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = Errno.last
            close(descriptor)
            guard error == .wouldBlock else { throw Self.explain(error, file) }
            let pid = Directory.text(of: file).flatMap { Int32($0.prefix { $0 != "\n" }) }
            throw .inUse(directory: path, pid: pid)
        }
        // The directory may have been made by hand, with a wider mode.
        guard chmod(path, 0o700) == 0 else {
            let error = Errno.last
            close(descriptor)
            throw Self.explain(error, path)
        }
        let pid = Array("\(getpid())\n".utf8)
        // A pid that cannot be written costs a word in a message, no more.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, pid, pid.count, 0)
        self.path = path
        lock = descriptor
    }

    deinit {
        // Closing alone leaves the lock with a child that is between its fork and its exec.
        flock(lock, LOCK_UN)
        close(lock)
    }

    func path(of name: String) -> String { "\(path)/\(name)" }

    /// Makes an empty file with mode 0600 where there is none, so that SQLite does not make a
    /// wider one.
    ///
    /// - Returns: Its path.
    func touch(_ name: String) throws(StoreError) -> String {
        let file = self.path(of: name)
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.explain(.last, file) }
        close(descriptor)
        return file
    }

    /// Removes a database with its log; what is not there is no error.
    func remove(_ name: String) {
        for part in Self.parts { unlink(self.path(of: name) + part) }
    }

    /// Gives a closed database its name, once and for all: also when the power fails.
    func rename(_ name: String, to other: String) throws(StoreError) {
        guard Glibc.rename(self.path(of: name), self.path(of: other)) == 0 else {
            throw Self.explain(.last, self.path(of: other))
        }
        try sync()
    }

    /// Gives a database a second name that is free, and takes its log away to that name.
    ///
    /// The first name stays until something is renamed to it, so that a crash in between leaves
    /// no empty place where a new database would begin.
    ///
    /// - Returns: The second path. The log lies beside it, so that SQLite finds both.
    func setAside(_ name: String) throws(StoreError) -> String {
        let file = self.path(of: name)
        let aside = freePath(after: "\(file).damaged")
        if Self.exists(file), link(file, aside) != 0 { throw Self.explain(.last, aside) }
        for part in Self.parts.dropFirst() where Self.exists(file + part) {
            guard Glibc.rename(file + part, aside + part) == 0 else {
                throw Self.explain(.last, file + part)
            }
        }
        try sync()
        return aside
    }

    private func freePath(after path: String) -> String {
        var number = 1
        while Self.parts.contains(where: { Self.exists("\(path)-\(number)\($0)") }) { number += 1 }
        return "\(path)-\(number)"
    }

    /// What a database consists of, by the ends of the names.
    private static let parts = ["", "-wal", "-shm"]

    /// Makes the names in the directory as lasting as what is in the files.
    private func sync() throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.explain(.last, path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.explain(.last, path) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size == 0
    }

    /// Whether nothing more can be written where a file is.
    static func isFull(_ path: String) -> Bool {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return false }
        return status.f_bavail == 0 || (status.f_files > 0 && status.f_favail == 0)
    }

    static func explain(_ error: Errno, _ path: String) -> StoreError {
        switch error {
        case .permissionDenied, .notPermitted, .readOnlyFileSystem: .denied(path)
        case .noSpace, .diskQuotaExceeded: .full(path)
        default: .io(path, detail: error.words)
        }
    }
}
