import Registry
import Translation
import Vocabulary

/// So many services with so many endpoints each, and what changes among them: the same for
/// everybody who is measured.
struct TableWorld {
    /// In the order in which they were drawn, which no address or name has to do with.
    private(set) var services: [ServiceView]
    let endpoints: Int
    private var random: RandomStream
    private var moves = 0

    static let ranges = AddressRanges(
        serviceCIDR: range("10.96.0.0/12"),
        nodePorts: 30_000...32_767
    )
    /// Where all endpoints live.
    static let pods = range("10.128.0.0/9")
    /// Where rules are written: a hundred of the endpoints are its own.
    static let machine = LocalMachine(node: NodeID(0), podCIDRs: [range("10.128.1.0/24")])
    static let port: UInt16 = 80
    static let endpointPort: UInt16 = 8_080

    /// A node has so many endpoints of the whole cluster, at most.
    private static let endpointsOfNode = 100

    /// - Parameters:
    ///   - count: How many services.
    ///   - endpoints: How many each has.
    ///   - weights: Of the endpoints of each, in their order.
    init(services count: Int, endpoints: Int, weights: [UInt8]? = nil) {
        self.endpoints = endpoints
        random = RandomStream(Seed(5), "table world")
        services = []
        let offsets = random.sample(count, of: Array(4_352..<1_000_000))
        services = offsets.enumerated().map { index, offset in
            Self.service(
                index,
                at: Self.ranges.serviceCIDR.address(at: UInt64(offset)),
                to: (0..<endpoints).map { Self.endpoint(index * endpoints + $0) },
                weights: weights
            )
        }
    }

    /// Every second one speaks UDP.
    private static func service(
        _ index: Int,
        at address: IPAddress?,
        to endpoints: [(node: NodeID, address: IPAddress)],
        weights: [UInt8]? = nil
    ) -> ServiceView {
        guard let name = ServiceName(namespace: "shop-\(index % 100)", name: "web-\(index)") else {
            preconditionFailure("service \(index) has no name")
        }
        let transport: TransportProtocol = index % 2 == 0 ? .tcp : .udp
        return ServiceView(
            name: name,
            id: ServiceID(UInt128(index) << 96 | UInt128(index)),
            spec: ServiceSpec(
                type: .clusterIP,
                ports: [
                    ServicePort(
                        name: "main",
                        transport: transport,
                        port: port,
                        targetPort: .number(endpointPort)
                    )
                ]
            ),
            clusterIP: address,
            nodePorts: [nil],
            endpoints: endpoints.enumerated().map { place, endpoint in
                EndpointView(
                    node: endpoint.node,
                    address: endpoint.address,
                    ports: [EndpointPort(name: "main", transport: transport, port: endpointPort)],
                    weight: weights?[place] ?? Endpoint.plainWeight
                )
            }
        )
    }

    private static func endpoint(_ number: Int) -> (node: NodeID, address: IPAddress) {
        (
            NodeID(UInt128(number / endpointsOfNode)),
            .v4(UInt32(truncatingIfNeeded: pods.base.number) + 256 + UInt32(number))
        )
    }

    private static func range(_ text: String) -> CIDR {
        guard let range = CIDR(text) else { preconditionFailure("\(text) is no range") }
        return range
    }

    /// What the agent is given.
    var view: ClusterView {
        ClusterView(
            cluster: ClusterID(1),
            clusterName: "bench",
            ranges: Self.ranges,
            services: services,
            nodes: []
        )
    }

    /// Nothing has changed, after all.
    mutating func takeBack(_ services: [ServiceView]) { self.services = services }

    /// Somewhere, one pod takes the place of another.
    ///
    /// - Returns: Which service has another endpoint now.
    mutating func moveOneEndpoint() -> Int {
        let index = random.below(services.count)
        let old = services[index]
        var places = old.endpoints.map { (node: $0.node, address: $0.address) }
        moves += 1
        places[random.below(places.count)] = Self.endpoint(endpoints * services.count + moves)
        services[index] = Self.service(index, at: old.clusterIP, to: places)
        return index
    }
}
