import Glibc
import Translation
import Vocabulary

/// A socket in some namespace; closed when nobody holds it any more.
final class KernelSocket {
    let descriptor: Int32
    let transport: TransportProtocol

    init(_ transport: TransportProtocol, in namespace: KernelNamespace) throws {
        self.transport = transport
        let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let flags = Int32(kind.rawValue) | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = try namespace.inside { socket(AF_INET, flags, 0) }
        guard descriptor >= 0 else { throw KernelFailure("no socket: errno \(errno)") }
    }

    deinit { close(descriptor) }

    func listen(at place: SocketAddress) throws {
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withAddress(place) { Glibc.bind(descriptor, $0, $1) }
        guard bound == 0, transport == .udp || Glibc.listen(descriptor, 64) == 0 else {
            throw KernelFailure("cannot listen at \(place): errno \(errno)")
        }
    }

    /// Binds the source address.
    func bind(_ source: IPAddress) throws {
        let place = SocketAddress(source, port: 0)
        guard withAddress(place, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw KernelFailure("cannot bind \(source): errno \(errno)")
        }
    }

    /// - Returns: 0 or an errno; EINPROGRESS where the answer is yet to come.
    func connect(to place: SocketAddress) -> Int32 {
        withAddress(place) { Glibc.connect(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    /// - Returns: 0 or an errno.
    func sendByte() -> Int32 {
        var byte: UInt8 = 7
        return send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 ? 0 : errno
    }

    /// What went wrong with the socket since the last call, as an errno.
    var pendingError: Int32 {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
        return error
    }

    var ownPlace: SocketAddress? {
        readAddress { getsockname(descriptor, $0, $1) }
    }

    /// Takes one waiting connection or datagram.
    ///
    /// - Returns: Who it says it is from, or `nil` where none waits.
    func takeVisitor() -> SocketAddress? {
        switch transport {
        case .tcp:
            return readAddress { address, length in
                let visitor = accept(descriptor, address, length)
                if visitor >= 0 { close(visitor) }
                return visitor
            }
        case .udp:
            var byte: UInt8 = 0
            return readAddress { recvfrom(descriptor, &byte, 1, 0, $0, $1) > 0 ? 0 : -1 }
        }
    }

    private func withAddress(
        _ place: SocketAddress,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = place.port.bigEndian
        address.sin_addr.s_addr = UInt32(truncatingIfNeeded: place.address.number).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func readAddress(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
        guard result >= 0 else { return nil }
        return SocketAddress(
            .v4(UInt32(bigEndian: address.sin_addr.s_addr)),
            port: UInt16(bigEndian: address.sin_port)
        )
    }
}
