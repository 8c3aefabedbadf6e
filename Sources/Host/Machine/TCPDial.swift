import Glibc
import NIOPosix
import SystemPackage
package import Vocabulary

/// Opens a TCP connection and closes it again: whether somebody is there.
package struct TCPDial: Sendable {
    private let destination: PeerAddress

    package init(to destination: PeerAddress) { self.destination = destination }

    /// What came of it.
    package enum Reply: Hashable, Sendable {
        case connected(after: Duration)
        case refused(after: Duration)
        case silent
        /// No route, or the network says that nobody is there.
        case unreachable(String)
    }

    /// Tries once.
    ///
    /// - Parameter limit: How long it may take; at least a millisecond, at most a minute.
    /// - Returns: After `limit` at the latest.
    package func dial(within limit: Duration) async -> Reply {
        let destination = destination
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                Self.dial(destination, within: limit)
            }
        } catch {
            return .unreachable("the program is stopping")
        }
    }

    private static func dial(_ destination: PeerAddress, within limit: Duration) -> Reply {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(destination.address.family.kernelFamily, kind, 0)
        guard descriptor >= 0 else { return .unreachable(Errno.last.words) }
        defer { close(descriptor) }
        let start = MonotonicClock.now()
        if destination.withKernelAddress({ connect(descriptor, $0, $1) == 0 }) {
            return .connected(after: MonotonicClock.now() - start)
        }
        var problem = errno
        if problem == EINPROGRESS {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&waiting, 1, limit.pollMilliseconds) > 0 else { return .silent }
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &length)
        }
        let passed = MonotonicClock.now() - start
        switch problem {
        case 0: return .connected(after: passed)
        case ECONNREFUSED: return .refused(after: passed)
        case ETIMEDOUT: return .silent
        case let other: return .unreachable(Errno(rawValue: other).words)
        }
    }
}
