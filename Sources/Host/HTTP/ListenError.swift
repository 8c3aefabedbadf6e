import NIOCore
import SystemPackage
package import Vocabulary

/// Why a TCP port could not be opened.
package enum ListenError: HostError, Hashable {
    /// Another socket has it; who, where that can be seen.
    case inUse(PeerAddress, by: PortHolder?)
    /// What the kernel said.
    case failed(PeerAddress, detail: String)

    package var description: String {
        switch self {
        case .inUse(let address, let holder):
            let who = holder.map { "\($0)" } ?? "another process"
            return "TCP \(address) is in use by \(who). "
                + "To see it: sudo ss -tlnp sport = :\(address.port)"
        case .failed(let address, let detail):
            return "cannot listen at TCP \(address): \(detail)"
        }
    }

    init(_ error: any Error, at address: PeerAddress) {
        let errno = (error as? IOError).map { Errno(rawValue: $0.errnoCode) }
        if errno == .addressInUse {
            self = .inUse(address, by: PortHolder.find(at: address, .tcp))
        } else {
            self = .failed(address, detail: errno?.words ?? "\(error)")
        }
    }
}
