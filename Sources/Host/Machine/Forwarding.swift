import SystemPackage

/// Whether this machine passes packets on: without it, a NodePort whose endpoint is on another
/// machine leads nowhere.
package struct Forwarding: Sendable {
    private let file: String

    /// - Parameter procfs: Where the kernel's files are.
    package init(procfs: String = "/proc") {
        file = "\(procfs)/sys/net/ipv4/ip_forward"
    }

    /// Whether it is on, or `nil` where the kernel does not say.
    package var isOn: Bool? {
        Directory.text(of: file).map { $0.hasPrefix("1") }
    }

    /// Turns it on until the machine restarts.
    package func turnOn() throws(ForwardingError) {
        do {
            let descriptor = try FileDescriptor.open(file, .writeOnly, options: .closeOnExec)
            try descriptor.closeAfter { _ = try descriptor.writeAll("1\n".utf8) }
        } catch {
            throw ForwardingError(file: file, detail: (error as? Errno)?.words ?? "\(error)")
        }
    }
}

/// Why forwarding could not be turned on.
package struct ForwardingError: HostError, Hashable {
    let file: String
    let detail: String

    package var description: String {
        "cannot turn on IP forwarding (\(file): \(detail)), so NodePorts reach only endpoints on "
            + "this machine. sudo sysctl -w net.ipv4.ip_forward=1"
    }
}
