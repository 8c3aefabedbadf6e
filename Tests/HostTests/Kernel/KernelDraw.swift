// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Translation
import Vocabulary

/// Random small views of a village, and packets worth sending in it.
struct KernelDraw {
    private var random: RandomStream
    private var drawn = 0

    init(_ seed: Seed) { random = RandomStream(seed, "kernel") }

    /// More than one leaf of the tree holds, half of them next to each other.
    mutating func services() -> [ServiceView] { (0..<24).map { _ in service() } }

    private mutating func service() -> ServiceView {
        drawn += 1
        let ports = (0...random.below(2)).map { index in
            ServicePort(
                name: "p\(index)",
                transport: random.chance(2, in: 3) ? .tcp : .udp,
                port: UInt16(80 + index)
            )
        }
        let hasNodePorts = random.chance(1, in: 2)
        var spec = ServiceSpec(type: hasNodePorts ? .nodePort : .clusterIP, ports: ports)
        spec.internalTrafficPolicy = random.chance(1, in: 6) ? .local : .cluster
        spec.externalTrafficPolicy = random.chance(1, in: 3) ? .local : .cluster
        spec.publishNotReadyAddresses = random.chance(1, in: 8)
        let offset = UInt64(drawn * (drawn % 2 == 0 ? 1 : 499))
        return ServiceView(
            name: ServiceName(namespace: "default", name: "s\(drawn)")!,
            id: ServiceID(UInt128(drawn)),
            spec: spec,
            clusterIP: KernelVillage.ranges.serviceCIDR.address(at: 256 + offset),
            nodePorts: ports.indices.map {
                hasNodePorts ? UInt16(30_000 + drawn * 3 + $0) : nil
            },
            endpoints: endpoints(ports)
        )
    }

    private mutating func endpoints(_ ports: [ServicePort]) -> [EndpointView] {
        random.sample(random.below(5), of: KernelVillage.homes).map { home in
            EndpointView(
                node: home.node,
                address: home.address,
                ports: ports.map {
                    EndpointPort(
                        name: $0.name,
                        transport: $0.transport,
                        port: UInt16(8_000 + random.below(4))
                    )
                },
                conditions: conditions(),
                isSuspect: random.chance(1, in: 5)
            )
        }
    }

    private mutating func conditions() -> Endpoint.Conditions {
        switch random.below(8) {
        case 0: [.serving, .terminating]
        case 1: [.terminating]
        case 2: [.serving]
        case _: [.ready, .serving]
        }
    }

    /// Some services go, some come, some have other endpoints.
    mutating func changed(_ services: [ServiceView]) -> [ServiceView] {
        services.compactMap { old in
            switch random.below(6) {
            case 0: nil
            case 1: service()
            case 2, 3:
                ServiceView(
                    name: old.name,
                    id: old.id,
                    spec: old.spec,
                    clusterIP: old.clusterIP,
                    nodePorts: old.nodePorts,
                    endpoints: endpoints(old.spec.ports)
                )
            case _: old
            }
        }
    }

    /// Where somebody must listen, sorted.
    func endpoints(of services: [ServiceView]) -> [SocketAddress] {
        Set(
            services.flatMap { service in
                service.endpoints.flatMap { endpoint in
                    endpoint.ports.map { SocketAddress(endpoint.address, port: $0.port) }
                }
            }
        ).sorted()
    }

    /// To every service port by address and NodePort, from one client or another; to addresses,
    /// ports and protocols that nobody declared; to endpoints directly.
    mutating func packets(
        among services: [ServiceView]
    ) -> [(source: IPAddress, place: SocketAddress, transport: TransportProtocol)] {
        var packets: [(source: IPAddress, place: SocketAddress, transport: TransportProtocol)] = []
        func add(_ address: IPAddress?, _ port: UInt16, _ transport: TransportProtocol) {
            guard let address else { return }
            for client in random.sample(2, of: KernelVillage.clients) {
                packets.append((client, SocketAddress(address, port: port), transport))
            }
        }
        let machine = KernelVillage.homes[1].address
        for service in services {
            for (port, nodePort) in zip(service.spec.ports, service.nodePorts) {
                add(service.clusterIP, port.port, port.transport)
                if let nodePort { add(machine, nodePort, port.transport) }
            }
            add(service.clusterIP, 79, random.chance(1, in: 2) ? .tcp : .udp)
        }
        add(IPAddress("10.96.0.77"), 80, .tcp)
        add(IPAddress("10.96.0.77"), 80, .udp)
        add(machine, 32_001, .tcp)
        add(machine, 32_001, .udp)
        for place in endpoints(of: services).prefix(4) {
            packets.append((KernelVillage.clients[random.below(2)], place, .tcp))
        }
        return packets
    }
}
