import BenchWorld
import Glibc
import Translation
import Vocabulary

/// How long the first packet of a flow takes from one machine to another.
final class Doorbell {
    private let machine: Machine
    private let namesEndpoints: Bool
    /// They answer at every address of theirs.
    private let datagrams: Int32
    private let connections: Int32

    /// What happened to the first packet of a flow.
    struct Ring {
        /// From sending a datagram until the other machine has it and, over TCP, from asking for a
        /// connection until there is one.
        let nanoseconds: Int64
        /// Which endpoint was reached; `nil` where nobody asked over UDP.
        let endpoint: IPAddress?
    }

    /// Whether somebody wants to know where datagrams arrive: that takes a little time.
    init(_ machine: Machine, namesEndpoints: Bool = false) throws {
        self.machine = machine
        self.namesEndpoints = namesEndpoints
        (datagrams, connections) = try machine.elsewhere {
            let anywhere = SocketAddress(.v4(0), port: TableWorld.endpointPort)
            let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            let connections = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            for socket in [datagrams, connections] {
                guard Self.call(bind, socket, anywhere) == 0 else {
                    throw BenchFailure("cannot listen at \(anywhere): errno \(errno)")
                }
            }
            listen(connections, 128)
            if namesEndpoints {
                var yes: Int32 = 1
                setsockopt(datagrams, Int32(IPPROTO_IP), IP_PKTINFO, &yes, 4)
            }
            return (datagrams, connections)
        }
    }

    deinit {
        close(datagrams)
        close(connections)
    }

    /// Opens a flow, from wherever the kernel likes unless a place is given; it fails where
    /// it reaches nobody within a second.
    func ring(
        _ place: SocketAddress,
        _ transport: TransportProtocol,
        from source: SocketAddress? = nil
    ) throws -> Ring {
        let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let client = try machine.atHome { socket(AF_INET, Int32(kind.rawValue), 0) }
        defer { close(client) }
        if let source {
            guard Self.call(bind, client, source) == 0 else {
                throw BenchFailure("cannot be \(source): errno \(errno)")
            }
        }
        return transport == .tcp ? try connect(client, to: place) : try send(client, to: place)
    }

    private func connect(_ client: Int32, to place: SocketAddress) throws -> Ring {
        // A reset at the end: nothing is left that waits.
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<Glibc.linger>.size)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, size)
        let begin = wallTime()
        guard Self.call(Glibc.connect, client, place) == 0 else {
            throw BenchFailure("nobody at \(place) over TCP: errno \(errno)")
        }
        let end = wallTime()
        // A second is when the kernel asks again.
        guard end - begin < 1_000_000_000 else {
            throw BenchFailure("nobody at \(place) over TCP at first")
        }
        let visitor = accept(connections, nil, nil)
        defer { close(visitor) }
        return Ring(nanoseconds: end - begin, endpoint: Self.ownAddress(of: visitor))
    }

    private func send(_ client: Int32, to place: SocketAddress) throws -> Ring {
        guard Self.call(Glibc.connect, client, place) == 0 else {
            throw BenchFailure("no way to \(place) over UDP: errno \(errno)")
        }
        var byte: UInt8 = 7
        let begin = wallTime()
        guard Glibc.send(client, &byte, 1, 0) == 1 else {
            throw BenchFailure("cannot send to \(place): errno \(errno)")
        }
        var waiting = pollfd(fd: datagrams, events: Int16(POLLIN), revents: 0)
        var endpoint: IPAddress?
        while !take(&endpoint) {
            guard poll(&waiting, 1, 1_000) == 1 else {
                throw BenchFailure("nobody at \(place) over UDP")
            }
        }
        return Ring(nanoseconds: wallTime() - begin, endpoint: endpoint)
    }

    /// Takes a datagram that waits, if one does.
    private func take(_ endpoint: inout IPAddress?) -> Bool {
        var byte: UInt8 = 0
        guard namesEndpoints else { return recv(datagrams, &byte, 1, Int32(MSG_DONTWAIT)) == 1 }
        // A header of 16 bytes, then an interface, our address there, and where it was sent to.
        var control = [UInt8](repeating: 0, count: 64)
        let isThere = withUnsafeMutableBytes(of: &byte) { byte in
            control.withUnsafeMutableBytes { control in
                var part = iovec(iov_base: byte.baseAddress, iov_len: 1)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return recvmsg(datagrams, &message, Int32(MSG_DONTWAIT)) == 1
                }
            }
        }
        if isThere { endpoint = IPAddress(bytes: control[24..<28]) }
        return isThere
    }

    private static func ownAddress(of socket: Int32) -> IPAddress? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let error = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(socket, $0, &length)
            }
        }
        return error == 0 ? .v4(UInt32(bigEndian: address.sin_addr.s_addr)) : nil
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ socket: Int32,
        _ place: SocketAddress
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = place.port.bigEndian
        address.sin_addr.s_addr = UInt32(truncatingIfNeeded: place.address.number).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
