import Glibc
import NIOCore
import SystemPackage
package import Vocabulary

/// Why a TCP port could not be opened.
package enum ListenError: HostError, Hashable {
    /// Another socket has it; who, where that can be seen.
    case inUse(PeerAddress, by: PortHolder?)
    /// This machine does not have the address, or not the family.
    case addressNotHere(PeerAddress)
    /// Ports below 1024 are for root.
    case denied(PeerAddress)
    /// What the kernel said.
    case failed(PeerAddress, detail: String)

    package var description: String {
        switch self {
        case .inUse(let address, let holder):
            let who = holder.map { "\($0)" } ?? "another process"
            return "TCP \(address) is in use by \(who). "
                + "To see it: sudo ss -tlnp sport = :\(address.port)"
        case .addressNotHere(let address):
            return "cannot listen at TCP \(address): this machine does not have the address "
                + "\(address.address). To see what it has: ip -brief address"
        case .denied(let address):
            return "cannot listen at TCP \(address): permission denied. Ports below 1024 are for "
                + "root"
        case .failed(let address, let detail):
            return "cannot listen at TCP \(address): \(detail)"
        }
    }

    /// Says of an error of NIO what the kernel meant.
    init(_ error: any Error, at address: PeerAddress) {
        guard let code = (error as? IOError)?.errnoCode else {
            self = .failed(address, detail: "\(error)")
            return
        }
        switch code {
        case EADDRINUSE: self = .inUse(address, by: PortHolder.find(at: address, .tcp))
        case EACCES: self = .denied(address)
        case EADDRNOTAVAIL, EAFNOSUPPORT: self = .addressNotHere(address)
        case _: self = .failed(address, detail: Errno(rawValue: code).words)
        }
    }
}
