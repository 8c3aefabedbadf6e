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
        var board = DigestBoard(of: self.services)
        digest = board.digest(in: ranges)
    }

    /// What an index has kept: services sorted by name, nodes by id, and the digest of both the
    /// services and the ranges.
    init(
        cluster: ClusterID,
        settings: ClusterSettings,
        sortedServices: [ServiceView],
        sortedNodes: [NodeView],
        digest: ViewDigest
    ) {
        self.cluster = cluster
        clusterName = settings.name
        ranges = settings.ranges
        services = sortedServices
        nodes = sortedNodes
        self.digest = digest
    }

    /// The service of a name.
    package subscript(name: ServiceName) -> ServiceView? { services.first(named: name) }
}

extension [ServiceView] {
    /// The service of a name, in a list that is sorted by name.
    package func first(named name: ServiceName) -> ServiceView? {
        let place = partitioningIndex { !($0.name < name) }
        return place < count && self[place].name == name ? self[place] : nil
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
    /// As in `Endpoint`.
    package let weight: UInt8
    package let zone: String
    /// Whether its node is suspected: new flows avoid it while another endpoint is ready.
    package let isSuspect: Bool

    package init(
        node: NodeID,
        address: IPAddress,
        ports: [EndpointPort],
        conditions: Endpoint.Conditions = [.ready, .serving],
        hostname: String = "",
        weight: UInt8 = Endpoint.plainWeight,
        zone: String = "",
        isSuspect: Bool = false
    ) {
        self.node = node
        self.address = address
        self.ports = ports
        self.conditions = conditions
        self.hostname = hostname
        self.weight = weight
        self.zone = zone
        self.isSuspect = isSuspect
    }

    package static func < (left: EndpointView, right: EndpointView) -> Bool {
        if (left.node, left.address) != (right.node, right.address) {
            return (left.node, left.address) < (right.node, right.address)
        }
        if left.ports != right.ports { return left.ports.lexicographicallyPrecedes(right.ports) }
        return (left.hostname, left.conditions.rawValue, left.weight, left.zone)
            < (right.hostname, right.conditions.rawValue, right.weight, right.zone)
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
