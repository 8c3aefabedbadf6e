// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Translation
import Vocabulary

/// A cluster small enough to hold in one's head: machine n has address 10.0.0.n and gives its
/// pods addresses from 10.1.n.0/24; services live in 10.96.0.0/16.
///
/// The same in IPv6: fd00::n, fd00:1:n::/64, fd00:10::/112.
enum Village {
    static let ranges = AddressRanges(
        serviceRanges: ["10.96.0.0/16", "fd00:10::/112"].map { ServiceRange(CIDR($0)!) },
        nodePorts: 30_000...32_767
    )
    static let machine = LocalMachine(
        node: node(1),
        podCIDRs: [CIDR("10.1.1.0/24")!, CIDR("fd00:1:1::/64")!],
        zone: "east"
    )
    static let ownAddresses = ["10.0.0.1", "10.1.1.1", "fd00::1", "fe80::1"].map(address)

    static let podHere = address("10.1.1.200")
    static let podElsewhere = address("10.1.2.200")
    static let stranger = address("198.51.100.7")

    static func address(_ text: String) -> IPAddress { IPAddress(text)! }

    static func node(_ number: Int) -> NodeID { NodeID(UInt128(number)) }

    static func view(
        _ services: [ServiceView],
        in ranges: AddressRanges = Village.ranges
    ) -> ClusterView {
        ClusterView(
            cluster: ClusterID(7),
            clusterName: "village",
            ranges: ranges,
            services: services,
            nodes: []
        )
    }

    /// A service with one TCP port 80 → 8080 unless other ports are given.
    static func service(
        _ name: String,
        at clusterIP: String?,
        ports: [ServicePort] = [ServicePort(port: 80, targetPort: 8080)],
        nodePorts: [UInt16?]? = nil,
        to endpoints: [EndpointView],
        with change: (inout ServiceSpec) -> Void = { _ in }
    ) -> ServiceView {
        var spec = ServiceSpec(type: nodePorts == nil ? .clusterIP : .nodePort, ports: ports)
        change(&spec)
        return ServiceView(
            name: ServiceName(namespace: "default", name: name)!,
            id: ServiceID(BigName.number(name)),
            spec: spec,
            clusterIP: clusterIP.map(address),
            nodePorts: nodePorts ?? ports.map { _ in nil },
            endpoints: endpoints
        )
    }

    static func endpoint(
        _ text: String,
        on number: Int = 2,
        ports: [EndpointPort] = [EndpointPort(port: 8080)],
        conditions: Endpoint.Conditions = [.ready, .serving],
        weight: UInt8 = Endpoint.plainWeight,
        zone: String = "",
        isSuspect: Bool = false
    ) -> EndpointView {
        EndpointView(
            node: node(number),
            address: address(text),
            ports: ports,
            conditions: conditions,
            weight: weight,
            zone: zone,
            isSuspect: isSuspect
        )
    }

    /// The same service under another name, or with other endpoints.
    static func copy(
        _ service: ServiceView,
        named name: ServiceName? = nil,
        endpoints: [EndpointView]? = nil
    ) -> ServiceView {
        ServiceView(
            name: name ?? service.name,
            id: service.id,
            spec: service.spec,
            clusterIPs: service.clusterIPs,
            nodePorts: service.nodePorts,
            endpoints: endpoints ?? service.endpoints
        )
    }

    /// Where the rendered *text* of a view sends a packet.
    static func outcomes(
        _ services: [ServiceView],
        from source: IPAddress = podHere,
        to destination: String,
        port: UInt16,
        _ transport: TransportProtocol = .tcp
    ) throws -> [LikelyOutcome] {
        let family = address(destination).family
        let text = Rendering(of: view(services), on: machine, family: family).table.text
        return try walk(text).outcomes(
            of: packet(from: source, to: destination, port: port, transport)
        )
    }

    static func walk(_ text: String) throws -> PacketWalk {
        PacketWalk(through: try KernelRules(parsing: text), ownAddresses: ownAddresses)
    }

    static func packet(
        from source: IPAddress,
        to destination: String,
        port: UInt16,
        _ transport: TransportProtocol = .tcp
    ) -> Packet {
        let arrival: Packet.Arrival =
            ownAddresses.contains(source)
            ? .fromThisMachine
            : machine.podCIDRs.contains { $0.contains(source) }
                ? .fromPod(interface: "veth0") : .fromOutside(interface: "eth0")
        return Packet(from: source, to: address(destination), port: port, transport, arrival)
    }

    static func delivered(_ endpoint: String, masqueraded: Bool = false) -> Outcome {
        .delivered(SocketAddress(endpoint)!, masqueraded: masqueraded)
    }
}

private enum BigName {
    static func number(_ name: String) -> UInt128 {
        name.utf8.reduce(0) { $0 &* 257 &+ UInt128($1) }
    }
}

extension [LikelyOutcome] {
    var outcomes: [Outcome] { map(\.outcome) }
}
