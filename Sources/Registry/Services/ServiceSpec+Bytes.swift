import Vocabulary

/// The spec's canonical bytes: type-length-value fields in rising order of their tag, each at
/// most once. One spec has one form, so that hashes of specs can be compared.
extension ServiceSpec {
    private enum Tag: UInt8 {
        case type = 1
        case port = 2
        case fixedAddress = 3
        case headless = 4
        case label = 5
        case annotation = 6
        case selector = 7
        case secondAddress = 8
        case ipFamilies = 9
        case ipFamilyPolicy = 10
        case externalName = 11
        case externalTrafficPolicy = 12
        case internalTrafficPolicy = 13
        case clientIPAffinity = 14
        case publishNotReadyAddresses = 15
        case targetName = 16
        case appProtocol = 17
        case healthCheckNodePort = 18
        case trafficDistribution = 19
    }

    package static let maximumPorts = 32
    /// Leaves room in a record for name and claims.
    package static let maximumLength = 1000

    package var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 128)
        func field(_ tag: Tag, _ content: (inout ByteWriter) -> Void) {
            writer.write(tag.rawValue)
            writer.write(part: content)
        }
        field(.type) { $0.write(type.rawValue) }
        for port in ports {
            field(.port) {
                $0.write(short: port.name)
                $0.write(port.transport.rawValue)
                $0.write(port.port)
                // Zero where a name follows in a field of its own.
                $0.write(port.targetPort.number ?? 0)
                $0.write(port.requestedNodePort ?? 0)
            }
        }
        switch addressRequest {
        case .any: break
        case .fixed(let address): field(.fixedAddress) { $0.write(address) }
        case .headless: field(.headless) { _ in }
        }
        for (tag, pairs) in [
            (Tag.label, labels), (.annotation, annotations), (.selector, selector),
        ] {
            for pair in pairs {
                field(tag) {
                    $0.write(short: pair.key)
                    $0.write(long: Array(pair.value.utf8))
                }
            }
        }
        if let secondAddress { field(.secondAddress) { $0.write(secondAddress) } }
        if !ipFamilies.isEmpty {
            field(.ipFamilies) { for family in ipFamilies { $0.write(family.rawValue) } }
        }
        if ipFamilyPolicy != .singleStack {
            field(.ipFamilyPolicy) { $0.write(ipFamilyPolicy.rawValue) }
        }
        if !externalName.isEmpty { field(.externalName) { $0.write(Array(externalName.utf8)) } }
        for (tag, policy) in [
            (Tag.externalTrafficPolicy, externalTrafficPolicy),
            (.internalTrafficPolicy, internalTrafficPolicy),
        ] where policy != .cluster {
            field(tag) { $0.write(policy.rawValue) }
        }
        if case .clientIP(let seconds) = sessionAffinity {
            field(.clientIPAffinity) { $0.write(seconds) }
        }
        if publishNotReadyAddresses { field(.publishNotReadyAddresses) { _ in } }
        for (tag, texts) in [
            (Tag.targetName, ports.map { $0.targetPort.name ?? "" }),
            (.appProtocol, ports.map(\.appProtocol)),
        ] {
            for (index, text) in texts.enumerated() where !text.isEmpty {
                field(tag) {
                    // A spec of more ports has a problem, and no bytes that anybody sees.
                    $0.write(UInt8(truncatingIfNeeded: index))
                    $0.write(Array(text.utf8))
                }
            }
        }
        if let healthCheckNodePort {
            field(.healthCheckNodePort) { $0.write(healthCheckNodePort) }
        }
        if trafficDistribution != .even {
            field(.trafficDistribution) { $0.write(trafficDistribution.rawValue) }
        }
        return writer.bytes
    }

    /// - Throws: `FormatError` where the bytes are not the canonical form of a valid spec.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var spec = ServiceSpec(type: .clusterIP, ports: [])
        var reader = ByteReader(bytes)
        var sawType = false
        while !reader.isAtEnd {
            guard let tag = Tag(rawValue: try reader.read(UInt8.self)) else {
                throw .invalid("spec field")
            }
            var value = try reader.readPart()
            switch tag {
            case .type:
                spec.type = try Self.read(ServiceType.self, "service type", &value)
                sawType = true
            case .port: spec.ports.append(try Self.readPort(&value))
            case .fixedAddress: spec.addressRequest = .fixed(try value.readAddress())
            case .headless: spec.addressRequest = .headless
            case .label: spec.labels.append(try Self.readPair(&value))
            case .annotation: spec.annotations.append(try Self.readPair(&value))
            case .selector: spec.selector.append(try Self.readPair(&value))
            case .secondAddress: spec.secondAddress = try value.readAddress()
            case .ipFamilies: spec.ipFamilies = try Self.readFamilies(&value)
            case .ipFamilyPolicy:
                spec.ipFamilyPolicy = try Self.read(IPFamilyPolicy.self, "family policy", &value)
            case .externalName: spec.externalName = try Self.readText(&value)
            case .externalTrafficPolicy:
                spec.externalTrafficPolicy = try Self.read(
                    TrafficPolicy.self,
                    "traffic policy",
                    &value
                )
            case .internalTrafficPolicy:
                spec.internalTrafficPolicy = try Self.read(
                    TrafficPolicy.self,
                    "traffic policy",
                    &value
                )
            case .clientIPAffinity:
                spec.sessionAffinity = .clientIP(seconds: try value.read(UInt32.self))
            case .publishNotReadyAddresses: spec.publishNotReadyAddresses = true
            case .targetName:
                let index = try spec.readPortIndex(&value)
                spec.ports[index].targetPort = .name(try Self.readText(&value))
            case .appProtocol:
                let index = try spec.readPortIndex(&value)
                spec.ports[index].appProtocol = try Self.readText(&value)
            case .healthCheckNodePort: spec.healthCheckNodePort = try value.read(UInt16.self)
            case .trafficDistribution:
                spec.trafficDistribution = try Self.read(
                    TrafficDistribution.self,
                    "traffic distribution",
                    &value
                )
            }
            try value.finish()
        }
        guard sawType, spec.problem == nil else { throw .invalid("service spec") }
        // Order, repeats and duplicates all show as another encoding of the same content.
        guard spec.encoded == bytes else { throw .invalid("spec order") }
        self = spec
    }

    private static func readPort(_ value: inout ByteReader) throws(FormatError) -> ServicePort {
        let name = try value.readShortText()
        guard let transport = TransportProtocol(rawValue: try value.read(UInt8.self)) else {
            throw .invalid("transport protocol")
        }
        let port = try value.read(UInt16.self)
        let target = try value.read(UInt16.self)
        let nodePort = try value.read(UInt16.self)
        return ServicePort(
            name: name,
            transport: transport,
            port: port,
            targetPort: .number(target),
            requestedNodePort: nodePort == 0 ? nil : nodePort
        )
    }

    /// A word of one byte.
    private static func read<Word: RawRepresentable<UInt8>>(
        _ type: Word.Type,
        _ name: FormatError.StaticName,
        _ value: inout ByteReader
    ) throws(FormatError) -> Word {
        guard let word = Word(rawValue: try value.read(UInt8.self)) else { throw .invalid(name) }
        return word
    }

    private static func readFamilies(
        _ value: inout ByteReader
    ) throws(FormatError) -> [IPAddress.Family] {
        var families: [IPAddress.Family] = []
        while !value.isAtEnd {
            families.append(try read(IPAddress.Family.self, "address family", &value))
        }
        return families
    }

    /// All that is left, as text.
    private static func readText(_ value: inout ByteReader) throws(FormatError) -> String {
        let raw = try value.read(count: value.remaining)
        guard let text = String(validating: raw, as: UTF8.self) else { throw .invalid("text") }
        return text
    }

    private func readPortIndex(_ value: inout ByteReader) throws(FormatError) -> Int {
        let index = Int(try value.read(UInt8.self))
        guard ports.indices.contains(index) else { throw .invalid("port index") }
        return index
    }

    private static func readPair(_ value: inout ByteReader) throws(FormatError) -> KeyValue {
        let key = try value.readShortText()
        let raw = try value.readLong()
        guard let text = String(validating: raw, as: UTF8.self) else { throw .invalid("text") }
        return KeyValue(key, text)
    }
}
