import Glibc

/// What this process may do to the machine.
package enum Privilege {
    /// Whether we are the root user; in a container that alone may not suffice.
    package static var isRoot: Bool { geteuid() == 0 }

    /// Whether routes and packet filter may be changed (CAP_NET_ADMIN).
    package static var canAdministerNetwork: Bool {
        let status = Directory.text(of: "/proc/self/status") ?? ""
        return capabilities(in: status).map { $0 >> netAdmin & 1 == 1 } ?? isRoot
    }

    /// The number of CAP_NET_ADMIN in linux/capability.h.
    private static let netAdmin: UInt64 = 12

    /// Reads the effective set from the text of /proc/PID/status.
    static func capabilities(in status: String) -> UInt64? {
        for line in status.split(separator: "\n") {
            let words = line.split { $0 == ":" || $0 == "\t" || $0 == " " }
            if words.count == 2, words[0] == "CapEff" { return UInt64(words[1], radix: 16) }
        }
        return nil
    }
}
