// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Translation
import Vocabulary

/// Random views of the village, for laws.
struct Forest {
    var random: RandomStream

    init(_ seed: Seed, _ index: UInt64 = 0) { random = RandomStream(seed, "forest", index) }

    /// Services with unique addresses, some of them close together, and unique NodePorts.
    mutating func services(_ count: Int, named letter: String = "s") -> [ServiceView] {
        var offsets: Set<Int> = []
        var nodePorts: Set<UInt16> = []
        return (0..<count).map { index in
            let isCrowded = random.chance(1, in: 2)
            var offset = 20
            repeat {
                offset = isCrowded ? 256 + random.below(2 * count) : 20 + random.below(65_000)
            } while !offsets.insert(offset).inserted
            let ports = self.ports()
            let hasNodePorts = random.chance(1, in: 3)
            let mine: [UInt16?] = ports.map { _ in
                guard hasNodePorts, random.chance(9, in: 10) else { return nil }
                let port = UInt16(30_000 + random.below(2_768))
                return nodePorts.insert(port).inserted ? port : nil
            }
            return ServiceView(
                name: ServiceName(namespace: "ns\(random.below(3))", name: "\(letter)\(index)")!,
                id: ServiceID(UInt128(index)),
                spec: ServiceSpec(type: hasNodePorts ? .nodePort : .clusterIP, ports: ports),
                clusterIP: Village.ranges.serviceCIDR.address(at: UInt64(offset)),
                nodePorts: mine,
                endpoints: endpoints(random.below(8), ports)
            )
        }
    }

    mutating func endpoints(_ count: Int, _ ports: [ServicePort]) -> [EndpointView] {
        (0..<count).map { index in
            let node = 1 + random.below(4)
            let host = IPAddress.v4(0x0a01_0000 + UInt32(node) << 8 + UInt32(10 + index))
            return EndpointView(
                node: Village.node(node),
                address: host,
                ports: ports.filter { _ in random.chance(9, in: 10) }.map {
                    EndpointPort(
                        name: $0.name,
                        transport: $0.transport,
                        port: UInt16(1 + random.below(65_535))
                    )
                },
                conditions: random.chance(4, in: 5) ? [.ready, .serving] : [.serving],
                isSuspect: random.chance(1, in: 5)
            )
        }
    }

    private mutating func ports() -> [ServicePort] {
        (0...random.below(3)).map { index in
            ServicePort(
                name: "p\(index)",
                transport: random.chance(3, in: 4) ? .tcp : .udp,
                port: UInt16(80 + index)
            )
        }
    }

    /// The same services after some of them changed, went or came.
    mutating func changed(_ services: [ServiceView]) -> [ServiceView] {
        let fresh = self.services(services.count, named: "t")
        return zip(services, fresh).compactMap { old, new in
            switch random.below(4) {
            case 0: nil
            case 1:
                ServiceView(
                    name: old.name,
                    id: old.id,
                    spec: old.spec,
                    clusterIP: old.clusterIP,
                    nodePorts: old.nodePorts,
                    endpoints: endpoints(random.below(5), old.spec.ports)
                )
            case 2: random.chance(1, in: 2) ? new : old
            case _: old
            }
        }
    }
}

extension Array {
    /// In another order, drawn from a stream.
    func mixed(_ random: inout RandomStream) -> [Element] { random.sample(count, of: self) }
}
