import ControlAPI
import Registry
import Vocabulary

/// A small cluster made by hand: two nodes and three services.
enum World {
    static let one = NodeView(
        id: NodeID(1),
        name: "pi-1",
        addresses: [.v4(0x0a01_0001)],
        podCIDRs: [CIDR(.v4(0x0a02_0001))]
    )
    static let two = NodeView(
        id: NodeID(2),
        name: "pi-2",
        addresses: [.v4(0x0a01_0002)],
        podCIDRs: []
    )

    static let ports = [EndpointPort(name: "http", port: 8080)]

    /// A NodePort service with one good endpoint, one suspected and one alias.
    static func web() throws -> ServiceView {
        ServiceView(
            name: try name("web"),
            id: ServiceID(0xaa),
            spec: ServiceSpec(
                type: .nodePort,
                ports: [ServicePort(name: "http", port: 80, targetPort: 8080)],
                labels: [KeyValue("app", "web")],
                annotations: [KeyValue("note", "a/b")],
                selector: [KeyValue("app", "web")]
            ),
            clusterIP: .v4(0x0a60_7114),
            aliases: [.v4(0x0a60_0009)],
            nodePorts: [30080],
            endpoints: [
                EndpointView(node: one.id, address: .v4(0x0a01_0001), ports: ports),
                EndpointView(
                    node: two.id,
                    address: .v4(0x0a01_0002),
                    ports: ports,
                    hostname: "b",
                    isSuspect: true
                ),
            ],
            declaredBy: [NodeID(2), NodeID(3)]
        )
    }

    /// A headless service without endpoints.
    static func db() throws -> ServiceView {
        ServiceView(
            name: try name("db"),
            id: ServiceID(0xbb),
            spec: ServiceSpec(
                type: .clusterIP,
                ports: [ServicePort(port: 5432)],
                addressRequest: .headless
            ),
            clusterIP: nil,
            nodePorts: [nil],
            endpoints: [],
            declaredBy: [NodeID(1)]
        )
    }

    /// A service that waits for its address, with these troubles.
    static func waiting(
        _ troubles: [ServiceTrouble],
        endpoints: [EndpointView] = []
    ) throws -> ServiceView {
        ServiceView(
            name: try name("api"),
            id: ServiceID(0xcc),
            spec: ServiceSpec(
                type: .clusterIP,
                ports: [ServicePort(name: "http", port: 80)]
            ),
            clusterIP: nil,
            nodePorts: [nil],
            endpoints: endpoints,
            troubles: troubles
        )
    }

    static func view(_ services: [ServiceView]) throws -> ClusterView {
        guard let range = CIDR("10.96.0.0/16") else { throw Missing() }
        return ClusterView(
            cluster: ClusterID(7),
            clusterName: "home",
            ranges: AddressRanges(serviceCIDR: range, nodePorts: 30000...32767),
            services: services,
            nodes: [one, two]
        )
    }

    static func name(_ name: String) throws -> ServiceName {
        guard let name = ServiceName(namespace: "default", name: name) else { throw Missing() }
        return name
    }

    struct Missing: Error {}
}

/// The JSON text of a reply.
func json(_ reply: some Encodable) -> String {
    String(decoding: JSON.encode(reply), as: UTF8.self)
}
