import Glibc
package import Vocabulary

/// A look at the tables of iptables-legacy that costs a system call, where `iptables-save` costs
/// some sixty milliseconds at 5,000 services: the kernel says how many rules a table has, how
/// long they are and where its built-in chains begin and end.
///
/// A flush, a chain that is gone, a rule more anywhere: all of them change it. One rule in the
/// place of another of the same length does not, and is found by reading.
package struct LegacyTables: Sendable {
    package init() {}

    /// What the kernel says of one table; equal as long as nobody adds, removes or moves rules.
    package struct Outline: Hashable, Sendable {
        let bytes: [UInt8]
    }

    /// `IPT_SO_GET_INFO` and `IP6T_SO_GET_INFO` (linux/netfilter_ipv4/ip_tables.h).
    private static let information: Int32 = 64
    /// `struct ipt_getinfo`: a name of 32 letters, then 13 numbers.
    private static let nameBytes = 32
    private static let length = nameBytes + 13 * 4

    /// Looks at a table, in the network namespace of this thread.
    ///
    /// - Returns: `nil` where the kernel does not say: it has no such table, or we no right.
    package func outline(of table: String, _ family: IPAddress.Family) -> Outline? {
        let kind = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family.kernelFamily, kind, Int32(IPPROTO_RAW))
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = Array(table.utf8.prefix(Self.nameBytes - 1))
        bytes += [UInt8](repeating: 0, count: Self.length - bytes.count)
        var count = socklen_t(bytes.count)
        let level = Int32(family == .v4 ? IPPROTO_IP : Int(IPPROTO_IPV6))
        guard getsockopt(descriptor, level, Self.information, &bytes, &count) == 0 else {
            return nil
        }
        return Outline(bytes: Array(bytes[Self.nameBytes...]))
    }
}
