import Host
import Vocabulary

/// What a machine must offer before rules make sense: programs, rights, forwarding, a route.
struct Landlord: Sendable {
    let journal: Journal

    /// - Throws: `AgentError` where no rule can be written here at all.
    func checkRights() throws {
        guard Privilege.canAdministerNetwork else {
            throw AgentError(
                "writing iptables rules needs root (or CAP_NET_ADMIN). Run the agent with sudo, "
                    + "or with --table none to gossip without a table"
            )
        }
        let missing = Program.missing()
        guard missing.isEmpty else {
            let names = missing.map(\.name).joined(separator: ", ")
            let packages = Set(missing.map(\.debianPackage)).sorted().joined(separator: " ")
            throw AgentError(
                "\(names) not found. sudo apt install \(packages), or run the agent with "
                    + "--table none"
            )
        }
    }

    /// Turns forwarding on where it is off, and says so.
    ///
    /// - Returns: What is wrong, in a person's words, or `nil`.
    func openForwarding() -> String? {
        let forwarding = Forwarding()
        guard forwarding.isOn != true else { return nil }
        do throws(ForwardingError) {
            try forwarding.turnOn()
            journal.inform("turned on IP forwarding, so that NodePorts reach other machines")
            return nil
        } catch {
            return error.description
        }
    }

    /// Sees to it that packets to the service range leave the routing decision: before it they
    /// cannot be translated.
    ///
    /// - Returns: What is wrong, in a person's words, or `nil`.
    func openRoute(to range: CIDR, near address: IPAddress) async -> String? {
        let routes = Routes()
        do {
            let overlaps = try await routes.overlapping(range)
            if let other = overlaps.first {
                let interface = other.interface.map { " dev \($0)" } ?? ""
                return "service CIDR \(range) overlaps route \(other.destination)\(interface). "
                    + "Rules were NOT installed. Make the cluster with another --service-cidr"
            }
            guard let probe = range.address(at: 1), try await !routes.reaches(probe) else {
                return nil
            }
            guard let interface = InterfaceAddress.interface(with: address) else {
                return "no interface of this machine has the address \(address), so no route to "
                    + "\(range) could be added: sudo ip route add \(range) dev INTERFACE"
            }
            try await routes.add(range, through: interface)
            journal.inform("added a route to \(range) through \(interface): there was none")
            return nil
        } catch {
            return "\(error)"
        }
    }
}
