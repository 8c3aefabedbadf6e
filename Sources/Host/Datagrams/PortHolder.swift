import Glibc
import SystemPackage
import Vocabulary

/// The process that has a UDP port.
package struct PortHolder: Hashable, Sendable, CustomStringConvertible {
    /// As the kernel keeps it: at most 15 letters.
    package let name: String
    package let pid: Int32

    package init(name: String, pid: Int32) {
        self.name = name
        self.pid = pid
    }

    package var description: String { "process \(name) (pid \(pid))" }
}

extension PortHolder {
    /// Looks in /proc for who is in the way of binding an address.
    ///
    /// - Returns: `nil` where nobody is found: the holder is another user's and we are not root, or
    ///   it went away meanwhile.
    static func find(udp wanted: PeerAddress) -> PortHolder? {
        let files = ["/proc/self/net/udp", "/proc/self/net/udp6"]
        let sockets = Set(files.flatMap { inodes(in: $0, inTheWayOf: wanted) })
        guard !sockets.isEmpty else { return nil }
        for entry in Directory.names(at: "/proc").sorted() {
            guard let pid = Int32(entry) else { continue }
            for descriptor in Directory.names(at: "/proc/\(pid)/fd") {
                guard let target = Directory.linkTarget("/proc/\(pid)/fd/\(descriptor)"),
                    sockets.contains(target)
                else { continue }
                let name = Directory.text(of: "/proc/\(pid)/comm") ?? "?"
                return PortHolder(name: String(name.prefix { $0 != "\n" }), pid: pid)
            }
        }
        return nil
    }

    /// The sockets with that port whose address is the wanted one or any, as `socket:[inode]`.
    private static func inodes(in file: String, inTheWayOf wanted: PeerAddress) -> [String] {
        (Directory.text(of: file) ?? "").split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            guard columns.count > 9 else { return nil }
            let local = columns[1].split(separator: ":")
            guard local.count == 2, UInt16(local[1], radix: 16) == wanted.port,
                let address = address(local[0]),
                address == wanted.address || address.isUnspecified
                    || wanted.address.isUnspecified
            else { return nil }
            return "socket:[\(columns[9])]"
        }
    }

    /// Reads the kernel's dump of an address: words of 32 bits, each in the host's byte order.
    private static func address(_ hex: Substring) -> IPAddress? {
        var words: [UInt32] = []
        var rest = hex
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            words.append(UInt32(bigEndian: word))
            rest = rest.dropFirst(8)
        }
        return IPAddress(
            bytes: words.flatMap { word in
                (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) }
            }
        )
    }
}
