import Glibc
package import Vocabulary

/// One address of one interface of this machine.
package struct InterfaceAddress: Hashable, Comparable, Sendable {
    /// Its name, as in `eth0`.
    package let interface: String
    package let address: IPAddress
    /// The network the address is in.
    package let network: CIDR
    /// Whether the interface is switched on; not whether the cable is in.
    package let isUp: Bool

    package static func < (left: InterfaceAddress, right: InterfaceAddress) -> Bool {
        (left.interface, left.address) < (right.interface, right.address)
    }
}

extension InterfaceAddress {
    /// All addresses of this machine, in our network namespace, sorted; none where the kernel
    /// does not say.
    package static func all() -> [InterfaceAddress] {
        var head: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&head) == 0 else { return [] }
        defer { freeifaddrs(head) }
        var found: [InterfaceAddress] = []
        var next = head
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let name = entry.ifa_name, let address = PeerAddress(entry.ifa_addr)?.address
            else { continue }
            let mask = PeerAddress(entry.ifa_netmask)?.address
            let length = mask?.number.nonzeroBitCount ?? address.family.bits
            found.append(
                InterfaceAddress(
                    interface: String(cString: name),
                    address: address,
                    network: CIDR(holding: address, prefixLength: length) ?? CIDR(address),
                    isUp: entry.ifa_flags & UInt32(IFF_UP) != 0
                )
            )
        }
        return found.sorted()
    }

    /// The interface that has an address, or `nil`.
    package static func interface(with address: IPAddress) -> String? {
        all().first { $0.address == address }?.interface
    }
}

/// What the kernel says of interfaces besides their addresses.
package enum Interfaces {
    /// Whether an interface is a bridge.
    package static func isBridge(_ name: String) -> Bool {
        !Directory.names(at: "/sys/class/net/\(name)/bridge").isEmpty
    }
}
