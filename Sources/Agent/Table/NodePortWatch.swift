import Host
import Registry
import Translation
import Vocabulary

/// Sees which NodePorts a program of this machine has for itself: those stay with it here.
///
/// Their rules would take its packets from other machines away without a word (kubernetes
/// #111682, #106713); so the service has them everywhere else.
struct NodePortWatch: Sendable {
    private(set) var taken: Set<LocalPort> = []
    private(set) var findings: [HostFinding] = []
    private let settings = KernelSettings()
    private var wanted: [LocalPort: ServiceName] = [:]
    private var lookedAt: Instant?

    /// Looks where there is something new to look for, and now and then for who came or went.
    mutating func look(at order: TableOrder, isNew: Bool, at now: Instant) {
        let before = wanted
        if isNew { wanted = Self.nodePorts(of: order.view) }
        if let lookedAt, before == wanted, now < lookedAt + TableShift.inspectionPeriod { return }
        lookedAt = now
        taken = []
        findings = []
        for transport in TransportProtocol.allCases {
            // A socket of UDP that was given a port is a client that waits for an answer.
            let clients = transport == .udp ? settings.ephemeralPorts : nil
            let ports = wanted.keys.filter { port in
                port.transport == transport && clients?.contains(port.port) != true
            }
            guard !ports.isEmpty else { continue }
            for listener in PortListener.all(at: Set(ports.map(\.port)), transport) {
                let port = LocalPort(listener.port, transport)
                taken.insert(port)
                findings.append(finding(port, listener.holder))
            }
        }
    }

    private func finding(_ port: LocalPort, _ holder: PortHolder?) -> HostFinding {
        let service = wanted[port].map { "\($0)" } ?? ""
        let who = holder.map { " by \($0)" } ?? ""
        return HostFinding(
            "GV2018",
            .trouble,
            "NodePort \(port.port)/\(port.transport.name) of \(service) is in use on this machine\(who): "
                + "here it stays with that program, everywhere else it leads to the service. Give "
                + "one of the two another port; when the program ends, the service has it here too"
        )
    }

    private static func nodePorts(of view: ClusterView) -> [LocalPort: ServiceName] {
        var found: [LocalPort: ServiceName] = [:]
        for service in view.services {
            for (port, nodePort) in zip(service.spec.ports, service.nodePorts) {
                guard let nodePort else { continue }
                found[LocalPort(nodePort, port.transport)] = service.name
            }
        }
        return found
    }
}
