import Glibc
import NIOCore
import SystemPackage
package import Vocabulary

/// Why a port of this machine could not be opened, or was lost.
package struct BindError: HostError, Hashable {
    package let place: PeerAddress
    package let transport: TransportProtocol
    package let reason: Reason

    /// What stood in the way.
    package enum Reason: Hashable, Sendable {
        /// Another socket has it; who, where that can be seen.
        case inUse(by: PortHolder?)
        /// This machine does not have the address, or not the family.
        case addressNotHere
        /// Ports below 1024 are for root.
        case denied
        /// What the kernel said.
        case failed(String)
    }

    package init(_ place: PeerAddress, _ transport: TransportProtocol, _ reason: Reason) {
        self.place = place
        self.transport = transport
        self.reason = reason
    }

    /// What the kernel meant when it did not bind.
    init(_ error: Errno, at place: PeerAddress, _ transport: TransportProtocol) {
        let reason: Reason =
            switch error {
            case .addressInUse: .inUse(by: PortHolder.find(at: place, transport))
            case .addressNotAvailable, .addressFamilyNotSupported: .addressNotHere
            case .permissionDenied: .denied
            default: .failed(error.words)
            }
        self.init(place, transport, reason)
    }

    /// The same of an error of NIO.
    init(_ error: any Error, at place: PeerAddress, _ transport: TransportProtocol) {
        guard let code = (error as? IOError)?.errnoCode else {
            self.init(place, transport, .failed("\(error)"))
            return
        }
        self.init(Errno(rawValue: code), at: place, transport)
    }

    /// What shows who has it.
    package var look: String {
        "sudo ss -\(transport == .udp ? "u" : "t")lnp sport = :\(place.port)"
    }

    package var description: String {
        let what = "\(transport.name) \(place)"
        switch reason {
        case .inUse(let holder):
            let who = holder.map { "\($0)" } ?? "another process"
            return "\(what) is in use by \(who). To see it: \(look)"
        case .addressNotHere:
            return "cannot listen at \(what): no interface of this machine has the address "
                + "\(place.address). To see what it has: ip -brief address"
        case .denied:
            return "cannot listen at \(what): permission denied. Ports below 1024 are for root"
        case .failed(let detail):
            return "cannot listen at \(what): \(detail)"
        }
    }
}
