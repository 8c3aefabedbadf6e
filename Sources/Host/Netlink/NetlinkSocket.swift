import Glibc
import SystemPackage

/// A socket to the kernel's netfilter, in the network namespace of the thread that made it.
struct NetlinkSocket {
    private let file: FileDescriptor

    /// Not in Swift's view of glibc (linux/netlink.h, linux/net.h).
    private static let family: Int32 = 16
    private static let netfilter: Int32 = 12
    private static let level: Int32 = 270
    private static let addMembership: Int32 = 1

    /// `sockaddr_nl`: family, padding, port id, groups.
    private struct Address {
        var family = UInt16(NetlinkSocket.family)
        var padding: UInt16 = 0
        var port: UInt32 = 0
        var groups: UInt32 = 0
    }

    /// - Parameters:
    ///   - groups: The multicast groups to listen to.
    ///   - receiveBufferBytes: What the kernel may keep for us while we are busy.
    /// - Throws: `NetlinkError`.
    init(groups: [Int32] = [], receiveBufferBytes: Int32 = 4 << 20) throws(NetlinkError) {
        let kind = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(Self.family, kind, Self.netfilter)
        guard descriptor >= 0 else { throw NetlinkError("open a socket to netfilter") }
        file = FileDescriptor(rawValue: descriptor)
        var address = Address()
        let length = socklen_t(MemoryLayout<Address>.size)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        guard isBound == 0 else {
            close()
            throw NetlinkError("bind a socket to netfilter")
        }
        // Beyond the machine's limit where we may; up to it otherwise.
        var bytes = receiveBufferBytes
        let size = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, size) != 0 {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, size)
        }
        for group in groups {
            var number = group
            guard setsockopt(descriptor, Self.level, Self.addMembership, &number, size) == 0 else {
                close()
                throw NetlinkError("listen to what happens in netfilter")
            }
        }
    }

    func close() { try? file.close() }

    func send(_ bytes: [UInt8]) throws(NetlinkError) {
        var address = Address()
        let length = socklen_t(MemoryLayout<Address>.size)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(file.rawValue, bytes, bytes.count, 0, $0, length)
            }
        }
        guard sent == bytes.count else { throw NetlinkError("ask netfilter") }
    }

    /// Waits for one datagram.
    ///
    /// - Parameters:
    ///   - buffer: Where it goes; 64 KiB hold any that the kernel sends.
    ///   - limit: How long to wait, in milliseconds.
    /// - Returns: How many bytes; `nil` where none came in time.
    /// - Throws: `NetlinkError`; `isOverflow` where the kernel had more than there was room for.
    func receive(into buffer: inout [UInt8], within limit: Int32) throws(NetlinkError) -> Int? {
        while true {
            var waiting = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, limit)
            if ready == 0 { return nil }
            if ready < 0, errno == EINTR { continue }
            let count = recv(file.rawValue, &buffer, buffer.count, 0)
            if count >= 0 { return count }
            if errno == EINTR { continue }
            throw NetlinkError("hear from netfilter")
        }
    }

    /// Asks something and hands each message of the answer to the body, until the kernel says
    /// that this was all.
    func ask(_ request: [UInt8], each body: (NetlinkMessage) -> Void) throws(NetlinkError) {
        try send(request)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            guard let count = try receive(into: &buffer, within: 10_000) else {
                throw NetlinkError("hear from netfilter", errorNumber: ETIMEDOUT)
            }
            for message in NetlinkMessage.list(buffer[..<count]) {
                if message.type == NetlinkMessage.done { return }
                if let number = message.errorNumber {
                    guard number == 0 else {
                        throw NetlinkError("ask netfilter", errorNumber: number)
                    }
                    return
                }
                body(message)
            }
        }
    }
}

/// Why the kernel's netfilter could not be asked.
package struct NetlinkError: HostError, Hashable {
    private let what: String
    private let errorNumber: Int32

    init(_ what: String, errorNumber: Int32 = Errno.last.rawValue) {
        self.what = what
        self.errorNumber = errorNumber
    }

    /// The kernel had more to tell than there was room for: something is lost.
    var isOverflow: Bool { errorNumber == ENOBUFS }

    package var description: String {
        let words = Errno(rawValue: errorNumber).words
        return "cannot \(what): \(words). It needs root (or CAP_NET_ADMIN) and a kernel with "
            + "nf_conntrack_netlink: sudo modprobe nf_conntrack_netlink"
    }
}
