import BenchWorld
import Glibc
import Translation
import Vocabulary

/// How long the first packet of a flow takes from one machine to another.
final class Doorbell {
    private let machine: Machine
    /// They answer at every address of theirs.
    private let datagrams: Int32
    private let connections: Int32

    init(_ machine: Machine) throws {
        self.machine = machine
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
            return (datagrams, connections)
        }
    }

    deinit {
        close(datagrams)
        close(connections)
    }

    /// Nanoseconds from sending a datagram until the other machine has it and, over TCP, from
    /// asking for a connection until there is one.
    func ring(_ place: SocketAddress, _ transport: TransportProtocol) throws -> Int64 {
        let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let client = try machine.atHome { socket(AF_INET, Int32(kind.rawValue), 0) }
        defer { close(client) }
        return transport == .tcp ? try connect(client, to: place) : try send(client, to: place)
    }

    private func connect(_ client: Int32, to place: SocketAddress) throws -> Int64 {
        // A reset at the end: nothing is left that waits.
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<Glibc.linger>.size)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, size)
        let begin = wallTime()
        guard Self.call(Glibc.connect, client, place) == 0 else {
            throw BenchFailure("nobody at \(place) over TCP: errno \(errno)")
        }
        let end = wallTime()
        close(accept(connections, nil, nil))
        return end - begin
    }

    private func send(_ client: Int32, to place: SocketAddress) throws -> Int64 {
        guard Self.call(Glibc.connect, client, place) == 0 else {
            throw BenchFailure("no way to \(place) over UDP: errno \(errno)")
        }
        var byte: UInt8 = 7
        let begin = wallTime()
        guard Glibc.send(client, &byte, 1, 0) == 1 else {
            throw BenchFailure("cannot send to \(place): errno \(errno)")
        }
        var waiting = pollfd(fd: datagrams, events: Int16(POLLIN), revents: 0)
        while recv(datagrams, &byte, 1, Int32(MSG_DONTWAIT)) != 1 {
            guard poll(&waiting, 1, 1_000) == 1 else {
                throw BenchFailure("nobody at \(place) over UDP")
            }
        }
        return wallTime() - begin
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
