import Glibc
import SystemPackage

/// The file behind a listening Unix socket: never wider open than 0660, never another agent's.
///
/// The socket is bound in a private directory beside its place, given its mode and group there,
/// and then renamed, so that no moment exists in which somebody else could connect. The rename
/// also replaces what a dead agent left. Two agents that start in the same millisecond with
/// different data directories can still both believe they have it; the later one does.
final class SocketFile: Sendable {
    /// Where clients find it.
    let path: String
    /// Where it is bound before it is published.
    let bindPath: String
    private let privateDirectory: String

    /// Looks whether the place is free, and makes what is needed to bind.
    static func prepare(_ path: String) throws(SocketFileError) -> SocketFile {
        guard path.utf8.count <= longestPath else { throw .tooLong(path, limit: longestPath) }
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        do {
            try Directory.create(parent, mode: 0o755)
        } catch {
            throw explain(error, path)
        }
        try checkFree(path)
        var template = Array("\(parent)/.gvXXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw explain(.last, path) }
        let directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        return SocketFile(path: path, privateDirectory: directory)
    }

    private init(path: String, privateDirectory: String) {
        self.path = path
        self.privateDirectory = privateDirectory
        bindPath = "\(privateDirectory)/s"
    }

    /// Gives the bound socket its group and its readers, where those exist, and its mode, and moves
    /// it to its place.
    func publish(group: String?, readers: String?) throws(SocketFileError) {
        if let id = group.flatMap(UserGroup.id) {
            // Only root may give a file away; without that the group stays our own.
            _ = chown(bindPath, uid_t.max, id)
        }
        guard chmod(bindPath, 0o660) == 0 else { throw Self.explain(.last, path) }
        if let id = readers.flatMap(UserGroup.id) {
            // Where the filesystem cannot keep this, readers are turned away at the socket.
            _ = SocketAccess.admit(id, to: bindPath)
        }
        guard rename(bindPath, path) == 0 else { throw Self.explain(.last, path) }
        rmdir(privateDirectory)
    }

    /// Removes what is left of a socket that was not, or is no longer, published.
    func discard() {
        unlink(bindPath)
        rmdir(privateDirectory)
    }

    /// Removes the published socket unless another agent's stands in its place by now.
    ///
    /// - Parameter identity: What `identity()` said after `publish`.
    func remove(_ identity: Identity) {
        if self.identity() == identity { unlink(path) }
    }

    /// Which file now stands at `path`.
    func identity() -> Identity? {
        guard let status = try? Stat(path, followTargetSymlink: false) else { return nil }
        return Identity(device: status.deviceID, inode: status.inode)
    }

    struct Identity: Hashable, Sendable {
        let device: DeviceID
        let inode: Inode
    }

    /// The kernel's `sun_path` less its terminator, and less what the private directory adds.
    private static let longestPath = 107 - 12

    private static func checkFree(_ path: String) throws(SocketFileError) {
        guard let status = try? Stat(path, followTargetSymlink: false) else { return }
        guard status.type == .socket else { throw .notASocket(path) }
        switch knock(path) {
        case .connectionRefused, .noSuchFileOrDirectory:
            return  // Whoever made it is gone.
        case nil, .wouldBlock:
            throw .inUse(path)
        case .some(let error):
            throw explain(error, path)
        }
    }

    /// Tries to connect, and says what stood in the way.
    private static func knock(_ path: String) -> Errno? {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return .last }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return status == 0 ? nil : .last
    }

    private static func explain(_ error: Errno, _ path: String) -> SocketFileError {
        switch error {
        case .permissionDenied, .notPermitted, .readOnlyFileSystem: .denied(path)
        default: .failed(path, detail: error.words)
        }
    }
}

/// Why a control socket could not be made.
package enum SocketFileError: HostError, Hashable {
    /// An agent listens there.
    case inUse(String)
    /// Something that is no socket has the name.
    case notASocket(String)
    case denied(String)
    /// Longer than the kernel takes.
    case tooLong(String, limit: Int)
    case failed(String, detail: String)

    package var description: String {
        switch self {
        case .inUse(let path):
            "the socket \(path) is in use by another agent, and commands go there. "
                + "Stop that one, or choose another --socket"
        case .notASocket(let path):
            "\(path) exists and is no socket, so it is left alone. "
                + "Move it away, or choose another --socket"
        case .denied(let path):
            "cannot make the socket \(path): permission denied. Without it no command can "
                + "reach the agent; run as root, or choose another --socket"
        case .tooLong(let path, let limit):
            "the socket path \(path) is \(path.utf8.count) bytes long; the kernel leaves room "
                + "for \(limit). Choose a shorter --socket"
        case .failed(let path, let detail):
            "cannot make the socket \(path): \(detail). Without it no command can reach the "
                + "agent; choose another --socket"
        }
    }
}
