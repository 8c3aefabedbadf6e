import Host
import Registry
import Translation
import Vocabulary

/// What a machine must offer before rules make sense: programs, rights, forwarding, routes.
///
/// What it can put right without harm, it does, and says so; of the rest it says what to do.
struct Landlord: Sendable {
    let journal: Journal
    private let settings = KernelSettings()
    private let routes = Routes()
    private var reversePathDrops: Int?
    private var strictSince: Instant?

    init(journal: Journal) { self.journal = journal }

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
                "GV2011 \(names) not found. sudo apt install \(packages), or run the agent with "
                    + "--table none"
            )
        }
    }

    /// Looks at everything, puts right what can be, and tells of the rest.
    ///
    /// - Parameters:
    ///   - order: What rules are for.
    ///   - hasRules: Whether rules of ours are in the kernel already: those are never taken away
    ///     because of a route that came later.
    ///   - now: This moment.
    /// - Returns: Sorted by code.
    mutating func inspect(
        _ order: TableOrder,
        hasRules: Bool,
        at now: Instant
    ) async -> [HostFinding] {
        var findings: [HostFinding] = []
        for family in order.families {
            for range in order.view.ranges.serviceRanges(of: family) {
                if let overlap = await overlap(with: range, hasRules: hasRules) {
                    findings.append(overlap)
                } else if let finding = await openRoute(to: range, near: order.addresses) {
                    findings.append(finding)
                }
            }
            findings += forwarding(family) + bridges(family, order.machine.podCIDRs)
        }
        findings += liberalTCP() + reversePath(at: now)
        return findings.sorted()
    }

    // MARK: The service range

    private func overlap(with range: CIDR, hasRules: Bool) async -> HostFinding? {
        var other: String?
        if let route = try? await routes.overlapping(range).first {
            let interface = route.interface.map { " dev \($0)" } ?? ""
            other = "route \(route.destination)\(interface)"
        } else if let found = InterfaceAddress.all().first(where: { $0.network.overlaps(range) }) {
            other = "address \(found.address) of \(found.interface)"
        }
        guard let other else { return nil }
        let rules = hasRules ? "Packets may go astray" : "Rules were NOT installed"
        return HostFinding(
            "GV2016",
            hasRules ? .trouble : .refusal,
            "service CIDR \(range) overlaps \(other). \(rules). Make the cluster with another "
                + "--service-cidr, or take that away: ip route"
        )
    }

    /// Sees to it that packets to the service range leave the routing decision: before it they
    /// cannot be translated.
    private func openRoute(to range: CIDR, near addresses: [IPAddress]) async -> HostFinding? {
        do {
            guard let probe = range.address(at: 1), try await !routes.reaches(probe) else {
                return nil
            }
            let own = InterfaceAddress.all().filter { $0.isUp && !$0.address.isLoopback }
            let interface =
                own.first { addresses.contains($0.address) && $0.address.family == range.family }
                ?? own.first { addresses.contains($0.address) }
            guard let interface else {
                let list = addresses.map(\.description).joined(separator: ", ")
                return HostFinding(
                    "GV2015",
                    .trouble,
                    "no interface of this machine has the address \(list), so no route to \(range) "
                        + "could be added, and programs here do not reach services: "
                        + "sudo ip route add \(range) dev INTERFACE"
                )
            }
            try await routes.add(range, through: interface.interface)
            journal.relieve(
                "GV2015",
                "added a route to \(range) through \(interface.interface): there was none, and "
                    + "without one no packet to a service leaves this machine"
            )
            return nil
        } catch {
            return HostFinding("GV2015", .trouble, "\(error)")
        }
    }

    // MARK: The kernel's switches

    private func forwarding(_ family: IPAddress.Family) -> [HostFinding] {
        let setting: KernelSettings.Setting = family == .v4 ? .forwarding : .forwardingV6
        guard settings.isOn(setting) != true else { return [] }
        guard family == .v4 else {
            // A machine that forwards IPv6 forgets its default route where it has that from router
            // advertisements: that is for a person to decide.
            return [
                HostFinding(
                    "GV2013",
                    .trouble,
                    "IPv6 is not forwarded, so IPv6 NodePorts and pods reach only endpoints on "
                        + "this machine. sudo sysctl -w \(setting.name)=1, and accept_ra=2 for an "
                        + "interface that gets its route by router advertisements"
                )
            ]
        }
        do throws(SettingError) {
            try settings.turnOn(setting)
            journal.relieve(
                "GV2013",
                "turned on \(setting.name), so that NodePorts reach other machines; it stays on"
            )
            return []
        } catch {
            let words = "\(error). Without it, NodePorts reach only endpoints on this machine"
            return [HostFinding("GV2013", .trouble, words)]
        }
    }

    private func bridges(_ family: IPAddress.Family, _ podCIDRs: [CIDR]) -> [HostFinding] {
        let own = podCIDRs.filter { $0.family == family }
        let bridge = InterfaceAddress.all().first { address in
            own.contains { $0.contains(address.address) } && Interfaces.isBridge(address.interface)
        }
        let setting: KernelSettings.Setting =
            family == .v4 ? .bridgedThroughIptables : .bridgedThroughIP6tables
        guard let bridge, settings.isOn(setting) != true else { return [] }
        return [
            HostFinding(
                "GV2014",
                .trouble,
                "pods on the bridge \(bridge.interface) do not reach each other through a service: "
                    + "the answer passes by iptables. sudo modprobe br_netfilter && sudo sysctl -w "
                    + "\(setting.name)=1"
            )
        ]
    }

    /// A packet outside the window of its flow counts as invalid and is not translated back: the
    /// client sees a stranger's packet and resets the flow (kubernetes #74839).
    private func liberalTCP() -> [HostFinding] {
        guard settings.isOn(.tcpLiberal) == false else { return [] }
        do throws(SettingError) {
            try settings.turnOn(.tcpLiberal)
            journal.relieve(
                "GV2019",
                "turned on \(KernelSettings.Setting.tcpLiberal.name), so that a late packet does "
                    + "not reset the flow it belongs to; it stays on"
            )
            return []
        } catch {
            let words = "\(error). Without it, a late packet may reset a flow to a service"
            return [HostFinding("GV2019", .note, words)]
        }
    }

    /// `rp_filter` is told of where it drops packets, not where it is merely strict: most machines
    /// have one way in and out.
    private mutating func reversePath(at now: Instant) -> [HostFinding] {
        let strict = settings.strictInterfaces
        let drops = settings.reversePathDrops ?? 0
        defer { reversePathDrops = drops }
        if let before = reversePathDrops, drops > before, !strict.isEmpty { strictSince = now }
        guard let strictSince, now < strictSince + .seconds(600), !strict.isEmpty else { return [] }
        return [
            HostFinding(
                "GV2017",
                .trouble,
                "packets are dropped by rp_filter (\(drops) so far): they come in where the answer "
                    + "would not leave. Clients that reach NodePorts that way get no answer. For "
                    + "the interface in question (\(strict.joined(separator: ", "))): sudo sysctl "
                    + "-w net.ipv4.conf.\(strict[0]).rp_filter=2"
            )
        ]
    }
}
