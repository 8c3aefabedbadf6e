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

    /// Makes an empty file with mode 0600 where there is none, so that SQLite does not make a
    /// wider one.
    func touch(_ name: String) throws(StoreError) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.explain(.last, file) }
        close(descriptor)
        return file
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
