import Glibc
import Vocabulary

/// Translates between our addresses and the kernel's `sockaddr_in` and `sockaddr_in6`.
///
/// They are read and written as bytes: family (2, host order), port (2), then for v4 the address
/// (4) and padding (8), for v6 the flow (4), the address (16) and the scope (4); netinet/in.h.
extension PeerAddress {
    /// - Returns: `nil` where the bytes are of another family than IP, or too few.
    init?(kernel bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 16 else { return nil }
        let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET:
            guard let address = IPAddress(bytes: bytes[4..<8]) else { return nil }
            self.init(address, port: port)
        case AF_INET6:
            guard bytes.count >= 28, let address = IPAddress(bytes: bytes[8..<24]) else {
                return nil
            }
            self.init(address, port: port)
        default:
            return nil
        }
    }

    /// - Returns: `nil` where there is no address or it is of another family than IP.
    init?(_ pointer: UnsafePointer<sockaddr>?) {
        guard let pointer else { return nil }
        let family = Int32(UnsafeRawPointer(pointer).loadUnaligned(as: sa_family_t.self))
        let length = family == AF_INET ? 16 : family == AF_INET6 ? 28 : 0
        self.init(kernel: UnsafeRawBufferPointer(start: pointer, count: length))
    }

    /// The address as the kernel wants it.
    var kernelBytes: [UInt8] {
        let family = withUnsafeBytes(of: sa_family_t(address.family.kernelFamily), Array.init)
        let head = family + [UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port)]
        return switch address.family {
        case .v4: head + address.bytes + [UInt8](repeating: 0, count: 8)
        case .v6: head + [0, 0, 0, 0] + address.bytes + [0, 0, 0, 0]
        }
    }

    /// Lends the address in the form that `bind` and `sendto` take.
    func withKernelAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        let bytes = kernelBytes
        var storage = sockaddr_storage()  // Aligned for every family.
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(bytes.count))
            }
        }
    }
}

extension IPAddress.Family {
    /// AF_INET or AF_INET6.
    var kernelFamily: Int32 { self == .v4 ? AF_INET : AF_INET6 }
}
