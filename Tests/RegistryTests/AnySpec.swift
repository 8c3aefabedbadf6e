import Registry
import Vocabulary

extension ServiceSpec {
    /// Any spec without a problem; each field of the format is sometimes there.
    static func any(using random: inout RandomStream) -> ServiceSpec {
        func pairs() -> [KeyValue] {
            (0..<random.below(4)).map { KeyValue("key-\($0)", String(repeating: "ß", count: $0)) }
        }
        let types: [ServiceType] = [.clusterIP, .nodePort, .externalName]
        let type = types[random.below(3)]
        var ports: [ServicePort] = []
        for index in 0..<1 + random.below(4) {
            let target = UInt16(1 + random.below(65_535))
            let asks = type == .nodePort && random.chance(1, in: 2)
            ports.append(
                ServicePort(
                    name: "p\(index)",
                    transport: random.chance(1, in: 3) ? .udp : .tcp,
                    port: UInt16(1 + index * 100 + random.below(100)),
                    targetPort: random.chance(1, in: 3) ? .name("web-\(index)") : .number(target),
                    requestedNodePort: asks ? UInt16(30000 + index) : nil,
                    appProtocol: random.chance(1, in: 3) ? "example.com/Mine_\(index)" : ""
                )
            )
        }
        var spec = ServiceSpec(
            type: type,
            ports: ports,
            labels: pairs(),
            annotations: pairs(),
            selector: pairs()
        )
        if type == .externalName {
            spec.externalName = random.chance(1, in: 2) ? "db.example.com" : "localhost"
        } else {
            spec.chooseFamilies(using: &random)
        }
        let policies: [TrafficPolicy] = [.cluster, .local]
        if type == .nodePort { spec.externalTrafficPolicy = policies[random.below(2)] }
        spec.internalTrafficPolicy = policies[random.below(2)]
        if random.chance(1, in: 2) {
            spec.sessionAffinity = .clientIP(seconds: UInt32(1 + random.below(86_400)))
        }
        spec.publishNotReadyAddresses = random.chance(1, in: 2)
        if spec.externalTrafficPolicy == .local, random.chance(1, in: 2) {
            spec.healthCheckNodePort = UInt16(31_000 + random.below(100))
        }
        let distributions: [TrafficDistribution] = [.even, .preferSameZone, .preferSameNode]
        spec.trafficDistribution = distributions[random.below(3)]
        return spec
    }

    private mutating func chooseFamilies(using random: inout RandomStream) {
        let policies: [IPFamilyPolicy] = [.singleStack, .preferDualStack, .requireDualStack]
        ipFamilyPolicy = policies[random.below(3)]
        let order: [IPAddress.Family] = random.chance(1, in: 2) ? [.v4, .v6] : [.v6, .v4]
        let most = ipFamilyPolicy == .singleStack ? 1 : 2
        let addresses = order.map { family -> IPAddress in
            family == .v4 ? .v4(0x0a60_0005) : .v6(1 << 64)
        }
        switch random.below(type == .nodePort ? 2 : 3) {
        case 0: break
        case 1:
            addressRequest = .fixed(addresses[0])
            if most == 2, random.chance(1, in: 2) { secondAddress = addresses[1] }
        default: addressRequest = .headless
        }
        ipFamilies = Array(order.prefix(random.below(most + 1)))
    }
}
