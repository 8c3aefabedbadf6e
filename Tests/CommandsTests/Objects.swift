import ControlAPI
import Registry
import Vocabulary

/// A view of two services in two namespaces, on one node of two.
enum Objects {
    struct Missing: Error {}

    static func view() throws -> ClusterView {
        guard let web = ServiceName(namespace: "default", name: "web"),
            let api = ServiceName(namespace: "shop", name: "api"),
            let range = CIDR("10.96.0.0/16")
        else { throw Missing() }
        return ClusterView(
            cluster: ClusterID(7),
            clusterName: "home",
            ranges: AddressRanges(serviceCIDR: range, nodePorts: 30000...32767),
            services: [
                ServiceView(
                    name: web,
                    id: ServiceID(0xaa),
                    spec: ServiceSpec(
                        type: .nodePort,
                        ports: [
                            ServicePort(name: "http", port: 80, targetPort: 8080),
                            ServicePort(name: "dns", transport: .udp, port: 53),
                        ],
                        labels: [KeyValue("app", "web")]
                    ),
                    clusterIP: .v4(0x0a60_7114),
                    aliases: [.v4(0x0a60_0009)],
                    nodePorts: [30080, nil],
                    endpoints: [
                        EndpointView(
                            node: NodeID(1),
                            address: .v4(0x0a01_0001),
                            ports: [
                                EndpointPort(name: "dns", transport: .udp, port: 53),
                                EndpointPort(name: "http", port: 8080),
                            ]
                        )
                    ],
                    declaredBy: [NodeID(1)]
                ),
                ServiceView(
                    name: api,
                    id: ServiceID(0xbb),
                    spec: ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)]),
                    clusterIP: nil,
                    nodePorts: [nil],
                    endpoints: [],
                    declaredBy: [NodeID(1)]
                ),
            ],
            nodes: [
                NodeView(
                    id: NodeID(1),
                    name: "pi-1",
                    addresses: [.v4(0x0a01_0001)],
                    podCIDRs: []
                ),
                NodeView(
                    id: NodeID(3),
                    name: "pi-3",
                    addresses: [.v4(0x0a01_0003), .v4(0x0a01_0004)],
                    podCIDRs: [CIDR(.v4(0x0a02_0000))]
                ),
            ]
        )
    }

    static func services() throws -> ObjectList<ServiceObject> {
        ObjectList(servicesOf: try view(), programming: .done)
    }

    static func endpoints() throws -> ObjectList<EndpointSliceObject> {
        ObjectList(endpointsOf: try view())
    }

    static func nodes() throws -> ObjectList<NodeObject> { ObjectList(nodesOf: try view()) }
}
