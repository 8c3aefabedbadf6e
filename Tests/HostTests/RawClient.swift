import Foundation
import Glibc
import Testing

/// A Unix socket without manners: says just these bytes, and hears until the other side hangs up.
enum RawClient {
    /// Sends the bytes and, where `hangsUp`, closes at once instead of listening.
    static func say(_ text: String, to path: String, hangsUp: Bool = false) async throws -> String {
        let descriptor = try open(path) { connect($0, $1, $2) }
        let bytes = Array(text.utf8)
        // On a thread of its own: nothing that waits for the other side may take one of Swift's few,
        // which the other side needs as well.
        let (isSent, heard) = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let sent = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                var heard: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while !hangsUp, case let count = read(descriptor, &buffer, buffer.count), count > 0
                {
                    heard += buffer[..<count]
                }
                close(descriptor)
                continuation.resume(
                    returning: (sent == bytes.count, String(decoding: heard, as: UTF8.self))
                )
            }
        }
        try #require(isSent)
        return heard
    }

    /// Leaves a socket file behind that nobody listens to, like a process that was killed.
    static func leaveStaleSocket(at path: String) throws {
        close(try open(path) { bind($0, $1, $2) })
    }

    private static func open(
        _ path: String,
        _ act: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws -> CInt {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &storage) { bytes in
            for (index, letter) in path.utf8.enumerated() { bytes[2 + index] = letter }
        }
        let status = withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                act(descriptor, $0, socklen_t(3 + path.utf8.count))
            }
        }
        try #require(status == 0, "errno \(errno)")
        return descriptor
    }
}
