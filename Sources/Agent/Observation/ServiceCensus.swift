import Registry
import Vocabulary

/// How many services, endpoints and places there are, by the labels of their metrics.
struct ServiceCensus {
    /// By namespace and type.
    private(set) var services: [[String]: Double] = [:]
    /// By namespace, service and state.
    private(set) var endpoints: [[String]: Double] = [:]
    /// By kind, pool and state.
    private(set) var pools: [[String]: Double] = [:]

    /// Above so many the rest is summed under empty names.
    static let mostNamedServices = 1_000
    static let mostNamedNamespaces = 200

    init(of view: ClusterView) {
        countServices(view)
        countEndpoints(view)
        countAddresses(view)
        countNodePorts(view)
    }

    private mutating func countServices(_ view: ClusterView) {
        var namespaces: Set<String> = []
        for service in view.services {
            // Services are sorted by name, so the same namespaces are named each time.
            if namespaces.count < Self.mostNamedNamespaces {
                namespaces.insert(service.name.namespace)
            }
            let isNamed = namespaces.contains(service.name.namespace)
            let namespace = isNamed ? service.name.namespace : ""
            services[[namespace, service.spec.type.label], default: 0] += 1
        }
    }

    private mutating func countEndpoints(_ view: ClusterView) {
        let counts = view.services.filter { $0.spec.type != .externalName }.map { service in
            (service, EndpointCounts(of: service.endpoints))
        }
        let needy = counts.count { !$0.1.hasReady }
        var roomForNeedy = Self.mostNamedServices
        var roomForOthers = max(0, Self.mostNamedServices - needy)
        for (service, count) in counts {
            let isNamed: Bool
            if count.hasReady {
                isNamed = roomForOthers > 0
                roomForOthers -= 1
            } else {
                isNamed = roomForNeedy > 0
                roomForNeedy -= 1
            }
            let labels = isNamed ? [service.name.namespace, service.name.name] : ["", ""]
            for (state, number) in count.byState {
                endpoints[labels + [state], default: 0] += Double(number)
            }
        }
    }

    private mutating func countAddresses(_ view: ClusterView) {
        for family in IPAddress.Family.allCases {
            let ranges = view.ranges.serviceRanges.filter { $0.cidr.family == family }
            guard !ranges.isEmpty else { continue }
            var size = 0.0
            var reserved = 0.0
            for range in ranges where !range.isDraining {
                let addresses = Double(UInt128(1) << UInt128(range.cidr.hostBits))
                size += addresses
                reserved += min(addresses, 3)
            }
            let used = Set(view.services.flatMap(\.addresses).filter { $0.family == family }).count
            note("\(family)", "clusterip", used: Double(used), reserved: reserved, of: size)
        }
    }

    private mutating func countNodePorts(_ view: ClusterView) {
        var used: [TransportProtocol: Set<UInt16>] = [.tcp: [], .udp: []]
        for service in view.services {
            for (port, number) in zip(service.spec.ports, service.nodePorts) {
                if let number { used[port.transport, default: []].insert(number) }
            }
        }
        for (transport, ports) in used {
            note(
                transport.name,
                "nodeport",
                used: Double(ports.count),
                reserved: 0,
                of: Double(view.ranges.nodePorts.count)
            )
        }
    }

    private mutating func note(
        _ kind: String,
        _ pool: String,
        used: Double,
        reserved: Double,
        of size: Double
    ) {
        pools[[kind, pool, "used"]] = used
        pools[[kind, pool, "reserved"]] = reserved
        pools[[kind, pool, "free"]] = max(0, size - reserved - used)
    }
}

/// The endpoints of one service by what becomes of new flows to them.
private struct EndpointCounts {
    private var ready = 0
    private var held = 0
    private var unready = 0
    private var terminating = 0

    init(of endpoints: [EndpointView]) {
        for endpoint in endpoints {
            if endpoint.conditions.contains(.terminating) {
                terminating += 1
            } else if !endpoint.conditions.contains(.ready) {
                unready += 1
            } else if endpoint.isSuspect {
                held += 1
            } else {
                ready += 1
            }
        }
    }

    var hasReady: Bool { ready > 0 }

    var byState: [(state: String, number: Int)] {
        [
            ("ready", ready), ("held", held), ("notready", unready), ("terminating", terminating),
        ]
    }
}

extension ServiceType {
    /// As Kubernetes calls it.
    fileprivate var label: String {
        switch self {
        case .clusterIP: "ClusterIP"
        case .nodePort: "NodePort"
        case .externalName: "ExternalName"
        }
    }
}
