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
            let spec = spec(hasNodePorts ? .nodePort : .clusterIP, ports)
            return ServiceView(
                name: ServiceName(namespace: "ns\(random.below(3))", name: "\(letter)\(index)")!,
                id: ServiceID(UInt128(index)),
                spec: spec,
                clusterIPs: addresses(of: spec, at: offset),
                nodePorts: mine,
                endpoints: endpoints(random.below(8), ports)
            )
        }
    }

    private func addresses(of spec: ServiceSpec, at offset: Int) -> [IPAddress] {
        spec.families.map { family in
            Village.ranges.serviceRanges(of: family)[0].address(at: UInt64(offset))!
        }
    }

    /// A spec that half of the time is a plain one.
    private mutating func spec(_ type: ServiceType, _ ports: [ServicePort]) -> ServiceSpec {
        var spec = ServiceSpec(type: type, ports: ports)
        guard random.chance(1, in: 2) else { return spec }
        if type == .nodePort, random.chance(1, in: 2) { spec.externalTrafficPolicy = .local }
        if random.chance(1, in: 3) { spec.internalTrafficPolicy = .local }
        if random.chance(1, in: 3) { spec.ipFamilyPolicy = .preferDualStack }
        if random.chance(1, in: 6) { spec.ipFamilies = [.v6] }
        if random.chance(1, in: 3) { spec.sessionAffinity = .clientIP(seconds: 60) }
        if random.chance(1, in: 3) {
            spec.trafficDistribution = random.chance(1, in: 2) ? .preferSameZone : .preferSameNode
            let spillOver = random.below(100)
            spec.annotations = [KeyValue(ServiceSpec.spillOverAnnotation, "\(spillOver)")]
        }
        if random.chance(1, in: 6) { spec.publishNotReadyAddresses = true }
        return spec
    }

    mutating func endpoints(_ count: Int, _ ports: [ServicePort]) -> [EndpointView] {
        (0..<count).map { index in
            let node = 1 + random.below(4)
            let host =
                random.chance(3, in: 4)
                ? IPAddress.v4(0x0a01_0000 + UInt32(node) << 8 + UInt32(10 + index))
                : IPAddress.v6(0xfd00_0001 << 96 + UInt128(node) << 80 + UInt128(10 + index))
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
                conditions: conditions(),
                weight: random.chance(1, in: 3) ? UInt8(1 + random.below(255)) : 16,
                zone: ["", "east", "west"][random.below(3)],
                isSuspect: random.chance(1, in: 5)
            )
        }
    }

    private mutating func conditions() -> Endpoint.Conditions {
        switch random.below(10) {
        case 0: [.serving]
        case 1: []
        case 2: [.terminating]
        case 3, 4: [.serving, .terminating]
        case _: [.ready, .serving]
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
            switch random.below(6) {
            case 0: nil
            case 1: changed(old, keepingSpec: true, at: old)
            case 2: random.chance(1, in: 2) ? new : old
            case 3: changed(old, keepingSpec: false, at: old)
            // It moves to where another one was.
            case 4: changed(old, keepingSpec: random.chance(1, in: 2), at: new)
            case _: old
            }
        }
    }

    private mutating func changed(
        _ old: ServiceView,
        keepingSpec: Bool,
        at place: ServiceView
    ) -> ServiceView {
        let spec = keepingSpec ? old.spec : spec(old.spec.type, old.spec.ports)
        let address = place.clusterIPs[0]
        let range = Village.ranges.serviceRanges(of: address.family)[0]
        return ServiceView(
            name: old.name,
            id: old.id,
            spec: spec,
            clusterIPs: addresses(of: spec, at: Int(address.number - range.base.number)),
            nodePorts: old.nodePorts,
            endpoints: random.chance(1, in: 3)
                ? old.endpoints : endpoints(random.below(5), old.spec.ports)
        )
    }
}

extension Array {
    /// In another order, drawn from a stream.
    func mixed(_ random: inout RandomStream) -> [Element] { random.sample(count, of: self) }
}
