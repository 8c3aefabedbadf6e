package import Vocabulary

/// What follows from the registry and from membership at one moment: every service, where it
/// is reached and who answers.
///
/// Table, names and API are functions of this value alone.
package struct ClusterView: Sendable {
    package let cluster: ClusterID
    package let clusterName: String
    package let ranges: AddressRanges
    /// Sorted by name.
    package let services: [ServiceView]
    /// The nodes whose records are visible, sorted by id.
    package let nodes: [NodeView]
    /// Equal on two agents exactly when they see the same services, endpoints and addresses.
    package let digest: ViewDigest

    package init(
        cluster: ClusterID,
        clusterName: String,
        ranges: AddressRanges,
        services: [ServiceView],
        nodes: [NodeView]
    ) {
        self.cluster = cluster
        self.clusterName = clusterName
        self.ranges = ranges
        self.services = services.sorted { $0.name < $1.name }
        self.nodes = nodes.sorted { $0.id < $1.id }
        digest = ViewDigest(of: self.services)
    }
}

/// The address space of a cluster, as its root signed it.
package struct AddressRanges: Hashable, Sendable {
    /// The service range; its first, tenth and last address are never given away.
    package let serviceCIDR: CIDR
    /// Ports on every machine, both ends included.
    package let nodePorts: ClosedRange<UInt16>

    package init(serviceCIDR: CIDR, nodePorts: ClosedRange<UInt16>) {
        self.serviceCIDR = serviceCIDR
        self.nodePorts = nodePorts
    }
}

/// One service as this node sees it.
package struct ServiceView: Hashable, Sendable {
    package let name: ServiceName
    package let id: ServiceID
    /// Byte-exactly the spec of one counting declaration.
    package let spec: ServiceSpec
    /// The address people are told, or `nil`: headless, still pending, or none free.
    package let clusterIP: IPAddress?
    /// Further addresses it owns, sorted: they answer too until they are drained.
    package let aliases: [IPAddress]
    /// One for each of `spec.ports`, `nil` where there is none (yet).
    package let nodePorts: [UInt16?]
    /// Sorted by (node, address, ports).
    ///
    /// Endpoints of dead nodes are not here.
    package let endpoints: [EndpointView]
    /// Who declares it, sorted.
    package let declaredBy: [NodeID]
    /// What is not as the spec asks, sorted.
    package let troubles: [ServiceTrouble]

    package init(
        name: ServiceName,
        id: ServiceID,
        spec: ServiceSpec,
        clusterIP: IPAddress?,
        aliases: [IPAddress] = [],
        nodePorts: [UInt16?],
        endpoints: [EndpointView],
        declaredBy: [NodeID] = [],
        troubles: [ServiceTrouble] = []
    ) {
        self.name = name
        self.id = id
        self.spec = spec
        self.clusterIP = clusterIP
        self.aliases = aliases.sorted()
        self.nodePorts = nodePorts
        self.endpoints = endpoints.sorted()
        self.declaredBy = declaredBy.sorted()
        self.troubles = troubles.sorted()
    }

    /// Every address that answers for it: the one people are told first, then the aliases.
    package var addresses: [IPAddress] { (clusterIP.map { [$0] } ?? []) + aliases }
}

/// Why a service is not (yet) what its spec asks for.
package enum ServiceTrouble: UInt8, Hashable, Comparable, Sendable {
    /// Its claim lost, and the next one is not made yet.
    case addressPending = 1
    /// The fixed address it asks for belongs to another service.
    case addressConflict = 2
    /// No address is free.
    case noAddress = 3
    /// A NodePort is lost, taken or not yet claimed.
    case nodePortPending = 4
    /// Two authors declare different specs; one of them is in force.
    case specConflict = 5

    package static func < (left: ServiceTrouble, right: ServiceTrouble) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// One endpoint as this node sees it.
package struct EndpointView: Hashable, Comparable, Sendable {
    package let node: NodeID
    package let address: IPAddress
    /// Sorted; matched to the service's ports by name and transport.
    package let ports: [EndpointPort]
    /// As its author declares them.
    package let conditions: Endpoint.Conditions
    package let hostname: String
    /// Whether its node is suspected: new flows avoid it while another endpoint is ready.
    package let isSuspect: Bool

    package init(
        node: NodeID,
        address: IPAddress,
        ports: [EndpointPort],
        conditions: Endpoint.Conditions = [.ready, .serving],
        hostname: String = "",
        isSuspect: Bool = false
    ) {
        self.node = node
        self.address = address
        self.ports = ports
        self.conditions = conditions
        self.hostname = hostname
        self.isSuspect = isSuspect
    }

    package static func < (left: EndpointView, right: EndpointView) -> Bool {
        if (left.node, left.address) != (right.node, right.address) {
            return (left.node, left.address) < (right.node, right.address)
        }
        if left.ports != right.ports { return left.ports.lexicographicallyPrecedes(right.ports) }
        return (left.hostname, left.conditions.rawValue) < (
            right.hostname, right.conditions.rawValue
        )
    }

    /// The port it listens on for a service port, or `nil` where it does not serve that one.
    ///
    /// A port of the endpoint answers for a service port of the same transport if it has its
    /// name, as in Kubernetes; else, where the service port's target is a name, if it has that.
    package func port(for port: ServicePort) -> UInt16? {
        func number(of name: String) -> UInt16? {
            ports.first { $0.name == name && $0.transport == port.transport }?.port
        }
        return number(of: port.name) ?? port.targetPort.name.flatMap(number)
    }
}

extension ServiceView {
    /// The endpoints that new flows may take for one of its ports: ready ones of healthy nodes,
    /// or, where there are none, ready ones of suspected nodes.
    ///
    /// The last one is never taken out.
    package func choosable(for port: ServicePort) -> [EndpointView] {
        let ready = endpoints.filter { $0.conditions.contains(.ready) && $0.port(for: port) != nil }
        let healthy = ready.filter { !$0.isSuspect }
        return healthy.isEmpty ? ready : healthy
    }
}

/// A node as its certificate and HEAD describe it.
package struct NodeView: Hashable, Sendable {
    package let id: NodeID
    package let name: String
    package let addresses: [IPAddress]
    package let podCIDRs: [CIDR]

    package init(id: NodeID, name: String, addresses: [IPAddress], podCIDRs: [CIDR]) {
        self.id = id
        self.name = name
        self.addresses = addresses
        self.podCIDRs = podCIDRs
    }
}
