import Registry
import Vocabulary

/// A view as rules see it: ports, the places they are dialled at, the endpoints they lead to.
///
/// Everything in it can be written as it stands; what could not is among the refusals, so that
/// one malformed service costs no other its rules.
struct Offer {
    private(set) var ports: [OfferedPort] = []
    /// Sorted.
    private(set) var refusals: [Refusal] = []
    /// Of how many services an address of this machine is an endpoint.
    private(set) var localAddresses: [IPAddress: Int] = [:]
    private(set) var owners: [Place: ServiceName] = [:]
    /// Whether two services want one place.
    private(set) var isContested = false
    /// Sorted by port.
    private(set) var healthChecks: [HealthCheck] = []

    private let ranges: AddressRanges
    private let hasSets: Bool
    private let takenNodePorts: Set<LocalPort>
    /// Those of our family.
    private let serviceRanges: [CIDR]
    let hasComments: Bool

    /// One place of the address space, which at most one service has.
    struct Place: Hashable, Comparable {
        /// `nil` for a NodePort.
        let address: IPAddress?
        let port: UInt16
        let transport: TransportProtocol

        static func < (left: Place, right: Place) -> Bool {
            let nowhere = IPAddress.v4(0)
            return (left.address ?? nowhere, left.port, left.transport) < (
                right.address ?? nowhere, right.port, right.transport
            )
        }
    }

    /// Of all services, or of some of them; sorted by name.
    init(of services: [ServiceView], in frame: Frame) {
        let (machine, family) = (frame.machine, frame.family)
        ranges = frame.ranges
        hasSets = machine.hasSets
        takenNodePorts = machine.takenNodePorts
        serviceRanges = ranges.serviceRanges(of: family)
        hasComments = frame.hasComments
        for service in services where !service.spec.isLeftToOthers {
            var local: Set<IPAddress> = []
            if let problem = service.problem {
                refuse(service, .malformed(problem))
                continue
            }
            if !hasSets, service.spec.stickySeconds != nil { refuse(service, .clientsForgotten) }
            let usable = usableEndpoints(of: service, family: family)
            let ours = usable.filter { $0.node == machine.node }
            let isOfFamily = service.spec.families.contains(family)
            for (port, nodePort) in zip(service.spec.ports, service.nodePorts) {
                let everywhere = service.choosable(for: port, among: usable)
                let here = service.choosable(for: port, among: ours)
                let near = Nearness(
                    distribution: service.spec.trafficDistribution,
                    spillOver: service.spec.spillOver,
                    machine: machine
                )
                let all = Nearness(distribution: .even, spillOver: 0, machine: machine)
                add(
                    port,
                    of: service,
                    to: (
                        near.places(of: everywhere, for: port), all.places(of: here, for: port)
                    ),
                    // The other family's clients are no business of this service.
                    nodePort: isOfFamily ? nodePort : nil
                )
                for endpoint in everywhere + here where endpoint.node == machine.node {
                    local.insert(endpoint.address)
                }
            }
            for address in local.sorted() { localAddresses[address, default: 0] += 1 }
        }
        addHealthChecks(of: services, on: machine, family: family)
        refusals = Set(refusals).sorted()
    }

    private mutating func add(
        _ port: ServicePort,
        of service: ServiceView,
        to endpoints: (everywhere: [WeightedPlace], here: [WeightedPlace]),
        nodePort: UInt16?
    ) {
        let label = port.name.isEmpty ? "\(port.port)" : port.name
        var offered = OfferedPort(
            identity: ChainName.identity(of: service.name, port),
            transport: port.transport,
            comment: hasComments ? "\(service.name):\(label)" : nil,
            everywhere: endpoints.everywhere,
            here: endpoints.here,
            internalPolicy: service.spec.internalTrafficPolicy,
            externalPolicy: service.spec.externalTrafficPolicy,
            stickySeconds: hasSets ? service.spec.stickySeconds : nil
        )
        for address in service.addresses where address.family == serviceRanges.first?.family {
            let dialled = SocketAddress(address, port: port.port)
            if !isServiceAddress(address) {
                refuse(service, .addressOutsideRange(address))
            } else if let owner = take(address, port.port, port.transport, for: service) {
                refuse(service, .addressTaken(dialled, port.transport, by: owner))
            } else {
                offered.addresses.append(dialled)
            }
        }
        if let nodePort {
            if !ranges.nodePorts.contains(nodePort) {
                refuse(service, .nodePortOutsideRange(nodePort))
            } else if let owner = take(nil, nodePort, port.transport, for: service) {
                refuse(service, .nodePortTaken(nodePort, port.transport, by: owner))
            } else if !takenNodePorts.contains(LocalPort(nodePort, port.transport)) {
                offered.nodePort = nodePort
            }
        }
        ports.append(offered)
    }

    /// Last of all: a NodePort that the cluster gave comes before a number that somebody wrote.
    private mutating func addHealthChecks(
        of services: [ServiceView],
        on machine: LocalMachine,
        family: IPAddress.Family
    ) {
        for service in services where service.problem == nil {
            guard let port = service.spec.healthCheckNodePort, !service.spec.isLeftToOthers,
                service.spec.families.contains(family)
            else { continue }
            if !ranges.nodePorts.contains(port) {
                refuse(service, .nodePortOutsideRange(port))
            } else if let owner = take(nil, port, .tcp, for: service) {
                refuse(service, .nodePortTaken(port, .tcp, by: owner))
            } else {
                healthChecks.append(HealthCheck(port, of: service, on: machine.node))
            }
        }
        healthChecks.sort { $0.port < $1.port }
    }

    private func isServiceAddress(_ address: IPAddress) -> Bool {
        serviceRanges.contains { $0.contains(address) }
    }

    /// - Returns: Who had the place before, and keeps it.
    private mutating func take(
        _ address: IPAddress?,
        _ port: UInt16,
        _ transport: TransportProtocol,
        for service: ServiceView
    ) -> ServiceName? {
        let place = Place(address: address, port: port, transport: transport)
        if let owner = owners[place] {
            isContested = true
            return owner
        }
        owners[place] = service.name
        return nil
    }

    /// The endpoints of a service that a packet can be sent on to.
    private mutating func usableEndpoints(
        of service: ServiceView,
        family: IPAddress.Family
    ) -> [EndpointView] {
        let all = service.endpoints.filter { $0.address.family == family }
        let usable = all.filter { $0.address.isRoutedUnicast && !isServiceAddress($0.address) }
        guard usable.count < all.count else { return all }
        let kept = Set(usable.map(\.address))
        for address in Set(all.map(\.address)).subtracting(kept).sorted() {
            refuse(service, .unusableEndpoint(address))
        }
        return usable
    }

    private mutating func refuse(_ service: ServiceView, _ reason: Refusal.Reason) {
        refusals.append(Refusal(service: service.name, reason: reason))
    }
}

extension ServiceView {
    /// What makes the whole service unfit for rules, in a person's words, or `nil`.
    fileprivate var problem: String? {
        if let problem = spec.problem { return problem }
        guard nodePorts.count == spec.ports.count else {
            return "\(spec.ports.count) ports, but \(nodePorts.count) places for NodePorts"
        }
        return endpoints.flatMap(\.ports).contains { $0.port == 0 }
            ? "an endpoint listens on port 0" : nil
    }
}

extension ServiceSpec {
    /// Whether it says, by a label of Kubernetes, that another proxy writes its rules, or none.
    fileprivate var isLeftToOthers: Bool {
        labels.contains {
            $0.key == "service.kubernetes.io/service-proxy-name"
                || $0.key == "service.kubernetes.io/headless"
        }
    }

    fileprivate var stickySeconds: UInt32? {
        switch sessionAffinity {
        case .none: nil
        case .clientIP(let seconds): seconds
        }
    }
}

extension IPAddress {
    /// Whether it can be one machine's address wherever a packet comes from: also not one that
    /// counts on a single link only.
    fileprivate var isRoutedUnicast: Bool {
        guard !isUnspecified, !isLoopback else { return false }
        switch self {
        case .v4(let word):
            return word >> 28 < 0xe && word >> 24 != 0 && word >> 16 != 0xa9fe
        // Above those of IPv4 in IPv6's clothes, which no network carries.
        case .v6(let word):
            return word >> 48 != 0 && word >> 32 != 0xffff && word >> 120 != 0xff
                && word >> 118 != 0xfe80 >> 6
        }
    }
}
