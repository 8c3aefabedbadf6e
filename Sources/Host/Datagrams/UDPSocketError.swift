package import Vocabulary

/// Why an address could not be bound.
package enum UDPSocketError: HostError, Hashable {
    /// Another socket has it; who, where that can be seen.
    case inUse(PeerAddress, by: PortHolder?)
    /// No interface of this machine has the address.
    case addressNotHere(PeerAddress)
    /// Ports below 1024 are for root.
    case denied(PeerAddress)
    /// What the kernel said.
    case failed(PeerAddress, detail: String)

    package var description: String {
        switch self {
        case .inUse(let address, let holder):
            let who = holder.map { "\($0)" } ?? "another process"
            let look = "sudo ss -ulnp sport = :\(address.port)"
            return "UDP \(address) is in use by \(who), so no member can be heard there. "
                + "Stop it or choose another --bind. To see it: \(look)"
        case .addressNotHere(let address):
            return "cannot bind UDP \(address): no interface of this machine has the address "
                + "\(address.address). To see what it has: ip -brief address"
        case .denied(let address):
            return "cannot bind UDP \(address): permission denied. Ports below 1024 are for "
                + "root; choose a higher port in --bind, or run the agent as root"
        case .failed(let address, let detail):
            return "cannot bind UDP \(address): \(detail). Without it no member can be heard; "
                + "check --bind"
        }
    }
}
