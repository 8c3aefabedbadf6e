import Synchronization
import SystemPackage

extension UDPSocket {
    /// What a socket did since it was bound; each count only rises.
    package struct Counters: Hashable, Sendable {
        /// Datagrams handed to `incoming`, and their bytes.
        package var received = 0
        package var receivedBytes = 0
        /// Read, but dropped because the reader of `incoming` is behind.
        package var droppedFull = 0
        /// Read, but longer than `Limits.datagramBytes`.
        package var droppedTooLong = 0
        /// Dropped by the kernel because its receive buffer was full; it does not say of whom.
        package var droppedByKernel = 0

        /// Datagrams the kernel took, and their bytes.
        package var sent = 0
        package var sentBytes = 0
        /// Not sent: the kernel's send buffer is full.
        package var unsentFull = 0
        /// Not sent: no route, or the interface is down.
        package var unsentUnreachable = 0
        /// Not sent: a local firewall rule drops it.
        package var unsentFiltered = 0
        /// Not sent for any other reason; a closed socket or too long a datagram, mostly.
        package var unsentOther = 0

        /// Sent, and turned away where they went: nobody listens there, or a firewall says so.
        package var refused = 0
        /// Sent, and some machine on the way said that there is no way, or that they are too long.
        package var unreachable = 0
    }
}

extension UDPSocket.Counters {
    mutating func countSend(of bytes: Int, failure: Errno?) {
        switch failure {
        case nil:
            sent += 1
            sentBytes += bytes
        case .wouldBlock, .noBufferSpace:
            unsentFull += 1
        case .networkUnreachable, .noRouteToHost, .networkDown:
            unsentUnreachable += 1
        case .notPermitted, .permissionDenied:
            unsentFiltered += 1
        case .some:
            unsentOther += 1
        }
    }
}

/// The counters that the event loop and the senders share.
final class Tally: Sendable {
    private let counters = Mutex(UDPSocket.Counters())

    var now: UDPSocket.Counters { counters.withLock { $0 } }

    func count(_ change: (inout UDPSocket.Counters) -> Void) {
        counters.withLock { change(&$0) }
    }
}
