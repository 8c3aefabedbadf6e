package import Vocabulary

/// Where an endpoint listens: the destination that a DNAT rule writes into a packet.
package struct SocketAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let port: UInt16

    package init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads `10.0.0.1:80` or `[fd00::1]:80`.
    package init?(_ text: some StringProtocol) {
        guard let peer = PeerAddress(text) else { return nil }
        self.init(peer.address, port: peer.port)
    }

    package static func < (left: SocketAddress, right: SocketAddress) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }

    package var description: String { PeerAddress(address, port: port).description }
}
