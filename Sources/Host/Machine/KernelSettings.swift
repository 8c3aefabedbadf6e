import SystemPackage

/// The kernel's switches that decide whether translated packets arrive (`sysctl`).
package struct KernelSettings: Sendable {
    private let procfs: String

    /// - Parameter procfs: Where the kernel's files are.
    package init(procfs: String = "/proc") { self.procfs = procfs }

    /// One switch.
    package enum Setting: Hashable, Sendable, CaseIterable {
        /// Packets of others are passed on: without it, a NodePort whose endpoint is on another
        /// machine leads nowhere.
        case forwarding
        case forwardingV6
        /// Packets between two ports of one bridge pass through iptables, too.
        case bridgedThroughIptables
        case bridgedThroughIP6tables
        /// Packets outside the window of their TCP flow are translated like all others.
        case tcpLiberal

        /// As `sysctl` names it.
        package var name: String {
            switch self {
            case .forwarding: "net.ipv4.ip_forward"
            case .forwardingV6: "net.ipv6.conf.all.forwarding"
            case .bridgedThroughIptables: "net.bridge.bridge-nf-call-iptables"
            case .bridgedThroughIP6tables: "net.bridge.bridge-nf-call-ip6tables"
            case .tcpLiberal: "net.netfilter.nf_conntrack_tcp_be_liberal"
            }
        }
    }

    /// Whether a switch is on; `nil` where this kernel does not have it (yet).
    package func isOn(_ setting: Setting) -> Bool? {
        Directory.text(of: path(setting)).map { $0.hasPrefix("1") || $0.hasPrefix("2") }
    }

    /// Turns a switch on until the machine restarts.
    package func turnOn(_ setting: Setting) throws(SettingError) {
        do {
            let file = try FileDescriptor.open(path(setting), .writeOnly, options: .closeOnExec)
            try file.closeAfter { _ = try file.writeAll("1\n".utf8) }
        } catch {
            let detail = (error as? Errno)?.words ?? "\(error)"
            throw SettingError(setting: setting, detail: detail)
        }
    }

    /// The interfaces that take a packet only where an answer would leave, sorted.
    package var strictInterfaces: [String] {
        let directory = "\(procfs)/sys/net/ipv4/conf"
        func mode(_ name: String) -> Int {
            Directory.text(of: "\(directory)/\(name)/rp_filter")
                .flatMap { Int($0.prefix { $0 != "\n" }) } ?? 0
        }
        // The stricter of the two counts, and 2 is looser than 1.
        let all = mode("all")
        return Directory.names(at: directory).filter { name in
            !["all", "default", "lo"].contains(name) && max(all, mode(name)) == 1
        }.sorted()
    }

    /// The ports that sockets get which ask for none; `nil` where it is not said.
    package var ephemeralPorts: ClosedRange<UInt16>? {
        let text = Directory.text(of: "\(procfs)/sys/net/ipv4/ip_local_port_range") ?? ""
        let numbers = text.split { $0 == " " || $0 == "\t" || $0 == "\n" }.compactMap { UInt16($0) }
        guard numbers.count == 2, numbers[0] <= numbers[1] else { return nil }
        return numbers[0]...numbers[1]
    }

    /// How many packets `rp_filter` dropped since the machine started; `nil` where it is not said.
    package var reversePathDrops: Int? {
        let text = Directory.text(of: "\(procfs)/net/netstat") ?? ""
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("TcpExt:") }
        guard lines.count == 2 else { return nil }
        let names = lines[0].split(separator: " ")
        let values = lines[1].split(separator: " ")
        guard let place = names.firstIndex(of: "IPReversePathFilter"), place < values.count else {
            return nil
        }
        return Int(values[place])
    }

    private func path(_ setting: Setting) -> String {
        // Dots of names are slashes; no name here has a dot of its own.
        "\(procfs)/sys/" + setting.name.split(separator: ".").joined(separator: "/")
    }
}

/// Why a switch could not be turned.
package struct SettingError: HostError, Hashable {
    let setting: KernelSettings.Setting
    let detail: String

    package var description: String {
        "cannot turn on \(setting.name): \(detail). sudo sysctl -w \(setting.name)=1"
    }
}
