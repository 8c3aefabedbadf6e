import Glibc
package import Vocabulary

extension InterfaceAddress {
    /// The address that this machine's packets to a peer come from; `nil` where no route leads
    /// there.
    ///
    /// Nothing is sent: a UDP socket that is connected only asks the routes.
    package static func source(towards peer: PeerAddress) -> IPAddress? {
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(peer.address.family.kernelFamily, kind, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let isConnected = peer.withKernelAddress { connect(descriptor, $0, $1) == 0 }
        guard isConnected else { return nil }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(descriptor, address, &length) == 0 ? PeerAddress(address) : nil
            }
        }
        return found?.address
    }

    /// What this machine calls itself, up to the first dot and in small letters; may be empty.
    package static var hostName: String {
        var letters = [CChar](repeating: 0, count: 256)
        guard gethostname(&letters, letters.count - 1) == 0 else { return "" }
        let name = String(decoding: letters.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return name.prefix { $0 != "." }.lowercased()
    }
}
