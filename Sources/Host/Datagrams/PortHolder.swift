import Glibc
import SystemPackage
package import Vocabulary

/// The process that has a port.
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
    package static func find(
        at wanted: PeerAddress,
        _ transport: TransportProtocol
    ) -> PortHolder? {
        let word = transport == .tcp ? "tcp" : "udp"
        let files = ["/proc/self/net/\(word)", "/proc/self/net/\(word)6"]
        let inTheWay = files.flatMap { KernelSocketTable.sockets(in: $0) }.filter { socket in
            // Connections are not in the way of whoever listens.
            socket.port == wanted.port
                && (transport == .udp || socket.state == KernelSocketTable.listening)
                && (socket.address == wanted.address || socket.address.isUnspecified
                    || wanted.address.isUnspecified)
        }
        return find(sockets: Set(inTheWay.map(\.name)))
    }

    /// Looks for the process that has one of these sockets, named as `socket:[inode]`.
    static func find(sockets: Set<String>) -> PortHolder? {
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
}

/// The kernel's list of sockets of one protocol and family (`/proc/net/udp`).
enum KernelSocketTable {
    /// TCP_LISTEN.
    static let listening = "0A"

    struct Socket {
        let address: IPAddress
        let port: UInt16
        /// Two hexadecimal digits, as in include/net/tcp_states.h.
        let state: Substring
        /// `socket:[inode]`, as the processes that hold it call it.
        let name: String
    }

    /// Those in a file, in its order; none where it cannot be read.
    static func sockets(in file: String) -> [Socket] {
        (Directory.text(of: file) ?? "").split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            guard columns.count > 9 else { return nil }
            let local = columns[1].split(separator: ":")
            guard local.count == 2, let port = UInt16(local[1], radix: 16),
                let address = address(local[0])
            else { return nil }
            return Socket(
                address: address,
                port: port,
                state: columns[3],
                name: "socket:[\(columns[9])]"
            )
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
