package import Vocabulary

/// A program of this machine that waits at a port.
package struct PortListener: Hashable, Comparable, Sendable {
    package let port: UInt16
    package let transport: TransportProtocol
    /// `nil` where nobody is found: it went away meanwhile, or is another user's.
    package let holder: PortHolder?

    package static func < (left: PortListener, right: PortListener) -> Bool {
        (left.port, left.transport) < (right.port, right.transport)
    }
}

extension PortListener {
    /// Who waits at one of these ports, at an address that other machines can dial; sorted, each
    /// port once.
    package static func all(
        at ports: Set<UInt16>,
        _ transport: TransportProtocol
    ) -> [PortListener] {
        // A socket of UDP that nobody connected is in state 7 (TCP_CLOSE).
        let (word, state) =
            transport == .tcp ? ("tcp", KernelSocketTable.listening) : ("udp", "07")
        var sockets: [UInt16: Set<String>] = [:]
        for file in ["/proc/self/net/\(word)", "/proc/self/net/\(word)6"] {
            for socket in KernelSocketTable.sockets(in: file) where socket.state == state {
                guard ports.contains(socket.port), !socket.address.isLoopback else { continue }
                sockets[socket.port, default: []].insert(socket.name)
            }
        }
        return sockets.keys.sorted().map { port in
            PortListener(
                port: port,
                transport: transport,
                holder: PortHolder.find(sockets: sockets[port] ?? [])
            )
        }
    }
}
