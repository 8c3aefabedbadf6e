import Glibc

extension Program {
    /// What the agent cannot do without.
    package static let required = ["ip", "iptables", "iptables-restore", "iptables-save"]

    /// Those of the required programs that are not there, sorted, with their Debian packages.
    package static func missing() -> [(name: String, debianPackage: String)] {
        required.filter { path(of: $0) == nil }.sorted()
            .map { (name: $0, debianPackage: debianPackage(of: $0)) }
    }

    /// Where a program is, or `nil`.
    static func path(of name: String) -> String? {
        directories.lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The Debian package that brings a program; its own name where we do not know.
    static func debianPackage(of name: String) -> String {
        switch name {
        case "ip", "ss", "tc": "iproute2"
        case _ where name.hasPrefix("iptables") || name.hasPrefix("ip6tables"): "iptables"
        default: name
        }
    }
}
