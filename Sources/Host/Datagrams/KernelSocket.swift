import Glibc
import SystemPackage
import Vocabulary

/// A UDP socket as the kernel gives it: bound, non-blocking, closed in programs we start.
///
/// It is made here and not by NIO, because the operator needs the kernel's own word for what is
/// wrong with an address.
struct KernelSocket {
    let address: PeerAddress
    let reader: CInt
    let writer: CInt
    let receiveBufferBytes: Int

    /// - Parameters:
    ///   - wanted: Port 0 takes any free one; the unspecified address means all of the machine's.
    ///   - receiveBufferBytes: What the kernel is asked to keep.
    ///   - hearsErrors: Whether its error queue tells of datagrams that nobody took.
    ///   - tellsDestination: Whether each datagram comes with the address that it was sent to.
    /// - Returns: The socket, with two descriptors that are the caller's to close.
    /// - Throws: `BindError`, and nothing is open.
    static func bound(
        to wanted: PeerAddress,
        receiveBufferBytes: Int,
        hearsErrors: Bool = true,
        tellsDestination: Bool = false
    ) throws(BindError) -> KernelSocket {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(wanted.address.family.kernelFamily, kind, 0)
        guard descriptor >= 0 else { throw BindError(Errno.last, at: wanted, .udp) }
        if wanted.address.family == .v6 {
            // So that 0.0.0.0 and :: can be bound side by side.
            set(IPV6_V6ONLY, of: Int32(IPPROTO_IPV6), to: 1, on: descriptor)
        }
        // Beyond the machine's net.core.rmem_max where we may; up to it otherwise.
        let bytes = CInt(clamping: receiveBufferBytes)
        if !set(SO_RCVBUFFORCE, of: SOL_SOCKET, to: bytes, on: descriptor) {
            set(SO_RCVBUF, of: SOL_SOCKET, to: bytes, on: descriptor)
        }
        // What comes back of a datagram that nobody took waits in the socket's error queue.
        if wanted.address.family == .v6 {
            let level = Int32(IPPROTO_IPV6)
            if hearsErrors { set(IPV6_RECVERR, of: level, to: 1, on: descriptor) }
            if tellsDestination { set(IPV6_RECVPKTINFO, of: level, to: 1, on: descriptor) }
        } else {
            let level = Int32(IPPROTO_IP)
            if hearsErrors { set(IP_RECVERR, of: level, to: 1, on: descriptor) }
            if tellsDestination { set(IP_PKTINFO, of: level, to: 1, on: descriptor) }
        }
        guard wanted.withKernelAddress({ bind(descriptor, $0, $1) }) == 0 else {
            let error = Errno.last
            close(descriptor)
            throw BindError(error, at: wanted, .udp)
        }
        let writer = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard writer >= 0 else {
            let error = Errno.last
            close(descriptor)
            throw BindError(wanted, .udp, .failed(error.words))
        }
        return KernelSocket(
            address: boundAddress(of: descriptor) ?? wanted,
            reader: descriptor,
            writer: writer,
            receiveBufferBytes: granted(descriptor)
        )
    }

    /// How many datagrams the kernel dropped because the receive buffer was full.
    static func dropped(_ descriptor: CInt) -> Int {
        // SO_MEMINFO gives an array of counts; the ninth is SK_MEMINFO_DROPS (linux/sock_diag.h).
        var counts = [UInt32](repeating: 0, count: 9)
        var length = socklen_t(counts.count * MemoryLayout<UInt32>.stride)
        let status = getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, &counts, &length)
        return status == 0 ? Int(counts[8]) : 0
    }

    /// Takes the mark of an error from a socket.
    static func clearError(of descriptor: CInt) {
        var error: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        _ = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
    }

    @discardableResult
    private static func set(
        _ option: CInt,
        of level: CInt,
        to value: CInt,
        on descriptor: CInt
    ) -> Bool {
        var value = value
        let length = socklen_t(MemoryLayout<CInt>.size)
        return setsockopt(descriptor, level, option, &value, length) == 0
    }

    private static func granted(_ descriptor: CInt) -> Int {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &value, &length) == 0 else { return 0 }
        return Int(value)
    }

    private static func boundAddress(of descriptor: CInt) -> PeerAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return nil }
                return PeerAddress(address)
            }
        }
    }
}
