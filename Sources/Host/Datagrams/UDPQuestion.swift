import Glibc
import NIOPosix
import SystemPackage
package import Vocabulary

/// One datagram to somebody, and what comes back: for looking at a network, not for gossip.
package struct UDPQuestion: Sendable {
    private let destination: PeerAddress

    package init(to destination: PeerAddress) { self.destination = destination }

    /// What came of it.
    package enum Reply: Hashable, Sendable {
        case answered([UInt8], after: Duration)
        /// The machine is there and says by ICMP that nobody listens, or a firewall rejects.
        case refused
        case silent
        /// It does not fit into the way there as far as that is known here.
        case tooLarge
        /// It cannot even be sent, and why.
        case unsendable(String)
    }

    /// Sends bytes, unfragmented, and waits.
    ///
    /// - Parameters:
    ///   - bytes: May be empty.
    ///   - limit: How long an answer may take; at least a millisecond, at most a minute.
    /// - Returns: After `limit` at the latest.
    package func ask(_ bytes: [UInt8], within limit: Duration) async -> Reply {
        let destination = destination
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                Self.ask(bytes, destination, within: limit)
            }
        } catch {
            return .unsendable("the program is stopping")
        }
    }

    private static func ask(
        _ bytes: [UInt8],
        _ destination: PeerAddress,
        within limit: Duration
    ) -> Reply {
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(destination.address.family.kernelFamily, kind, 0)
        guard descriptor >= 0 else { return .unsendable(Errno.last.words) }
        defer { close(descriptor) }
        let isV4 = destination.address.family == .v4
        var discovery: Int32 = 2  // IP_PMTUDISC_DO, for both families
        setsockopt(
            descriptor,
            Int32(isV4 ? IPPROTO_IP : Int(IPPROTO_IPV6)),
            isV4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
            &discovery,
            socklen_t(MemoryLayout<Int32>.size)
        )
        guard destination.withKernelAddress({ connect(descriptor, $0, $1) == 0 }) else {
            return .unsendable(Errno.last.words)
        }
        let start = MonotonicClock.now()
        if send(descriptor, bytes, bytes.count, 0) < 0 {
            return failure()
        }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, limit.pollMilliseconds) > 0 else { return .silent }
        var room = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &room, room.count, 0)
        guard count >= 0 else { return failure() }
        return .answered(Array(room[..<count]), after: MonotonicClock.now() - start)
    }

    private static func failure() -> Reply {
        switch errno {
        case ECONNREFUSED: .refused
        case EMSGSIZE: .tooLarge
        case let other: .unsendable(Errno(rawValue: other).words)
        }
    }
}

extension Duration {
    /// For poll(2): 1...60,000.
    var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        let whole = min(seconds, 60) * 1000 + attoseconds / 1_000_000_000_000_000
        return Int32(min(60_000, max(1, whole)))
    }
}
