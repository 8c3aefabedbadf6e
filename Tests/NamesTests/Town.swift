import Registry
import Testing
import Vocabulary

@testable import Names

/// A cluster with a service of every kind, and whoever answers for its names.
final class Town {
    var responder: Responder

    init(_ view: ClusterView = Town.view(), isWhole: Bool = true) throws {
        var index = NamesIndex(zone: try #require(Zone("cluster.local")))
        _ = index.follow(view, isWhole: isWhole)
        responder = Responder(index)
    }

    static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .v4(0) }

    static func name(_ text: String, in namespace: String = "default") -> ServiceName {
        guard let name = ServiceName(namespace: namespace, name: text) else {
            preconditionFailure("\(text) is no name of a service")
        }
        return name
    }

    static let http = ServicePort(name: "http", port: 80, targetPort: 8080)
    static let nodes = [NodeID(1), NodeID(2)]

    static func service(
        _ text: String,
        in namespace: String = "default",
        type: ServiceType = .clusterIP,
        ports: [ServicePort] = [Town.http],
        request: AddressRequest = .any,
        at addresses: [String] = [],
        endpoints: [EndpointView] = [],
        change: (inout ServiceSpec) -> Void = { _ in }
    ) -> ServiceView {
        var spec = ServiceSpec(type: type, ports: ports, addressRequest: request)
        change(&spec)
        let number = UInt128(text.utf8.reduce(UInt64(namespace.count)) { $0 * 31 + UInt64($1) })
        return ServiceView(
            name: name(text, in: namespace),
            id: ServiceID(number),
            spec: spec,
            clusterIPs: addresses.map(address),
            nodePorts: ports.map { _ in nil },
            endpoints: endpoints
        )
    }

    static func endpoint(
        _ text: String,
        on node: NodeID = nodes[0],
        port: UInt16 = 8080,
        named: String = "http",
        conditions: Endpoint.Conditions = [.ready, .serving],
        hostname: String = "",
        weight: UInt8 = Endpoint.plainWeight,
        isSuspect: Bool = false
    ) -> EndpointView {
        EndpointView(
            node: node,
            address: address(text),
            ports: [EndpointPort(name: named, port: port)],
            conditions: conditions,
            hostname: hostname,
            weight: weight,
            isSuspect: isSuspect
        )
    }

    static let services = [
        service(
            "web",
            at: ["10.96.0.17", "fd00:96::17"],
            endpoints: [
                endpoint("10.1.2.5"), endpoint("10.1.2.6", on: nodes[1], weight: 32),
                endpoint("10.1.2.7", conditions: [.serving]),
            ]
        ),
        service("bare", ports: [ServicePort(port: 9000)], at: ["10.96.0.18"]),
        service("pending"),
        service(
            "db",
            ports: [ServicePort(name: "pg", port: 5432)],
            request: .headless,
            endpoints: [
                endpoint("10.1.2.5", port: 5432, named: "pg", hostname: "db-0"),
                endpoint("fd00:1::5", on: nodes[1], port: 5433, named: "pg"),
                endpoint("10.1.2.8", port: 5432, named: "pg", conditions: []),
            ]
        ),
        service(
            "empty",
            request: .headless,
            endpoints: [endpoint("10.1.2.9", conditions: [])]
        ),
        service("shop", type: .externalName, ports: []) { $0.externalName = "shop.example.com" },
        service("alias", type: .externalName, ports: []) {
            $0.externalName = "web.default.svc.cluster.local"
        },
        service("circle", type: .externalName, ports: []) {
            $0.externalName = "circle.default.svc.cluster.local"
        },
        service("api", in: "prod", at: ["10.96.0.19"]),
    ]

    static func view(_ services: [ServiceView] = Town.services) -> ClusterView {
        ClusterView(
            cluster: ClusterID(7),
            clusterName: "home",
            ranges: AddressRanges(
                serviceRanges: ["10.96.0.0/16", "fd00:96::/108"].compactMap { CIDR($0) }
                    .map { ServiceRange($0) },
                nodePorts: 30_000...32_767
            ),
            services: services,
            nodes: [
                NodeView(
                    id: nodes[0],
                    name: "pi-1",
                    addresses: [address("192.168.1.10"), address("fd00:9::10")],
                    podCIDRs: [CIDR("10.1.2.0/24")].compactMap(\.self)
                ),
                NodeView(
                    id: nodes[1],
                    name: "pi-2",
                    addresses: [address("192.168.1.11")],
                    podCIDRs: []
                ),
            ]
        )
    }

    // MARK: Asking

    func answer(_ message: [UInt8], by way: Responder.Way) -> Responder.Answer? {
        responder.answer(message, by: way)
    }

    /// The answer to a question, as libldns reads it.
    func ask(
        _ name: String,
        _ type: RecordType = .a,
        by way: Responder.Way = .udp(payloadBytes: 4096),
        payloadBytes: UInt16? = 4096
    ) throws -> AnswerText {
        let name = try #require(DomainName(name), "\(name) is no name")
        let message = Question(name, type).message(id: 0, payloadBytes: payloadBytes)
        let answer = try #require(self.answer(message, by: way))
        #expect(answer.type == type)
        let text = try #require(AnswerText(answer.bytes), "libldns does not read the answer")
        #expect(text.code == answer.code.rawValue)
        return text
    }
}

/// A record's line, with what all of them have filled in.
func line(_ owner: String, _ type: String, _ data: String, ttl: Int = 5) -> String {
    "\(owner). \(ttl) IN \(type) \(data)"
}
