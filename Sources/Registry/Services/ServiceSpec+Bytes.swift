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
    }

    package static let maximumPorts = 32
    /// Leaves room in a record for name and claims.
    package static let maximumLength = 1000

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        func field(_ tag: Tag, _ content: (inout ByteWriter) -> Void) {
            var value = ByteWriter()
            content(&value)
            writer.write(tag.rawValue)
            writer.write(long: value.bytes)
        }
        field(.type) { $0.write(type.rawValue) }
        for port in ports {
            field(.port) {
                $0.write(short: port.name)
                $0.write(port.transport.rawValue)
                $0.write(port.port)
                $0.write(port.targetPort)
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
            var value = ByteReader(try reader.readLong())
            switch tag {
            case .type:
                guard let type = ServiceType(rawValue: try value.read(UInt8.self)) else {
                    throw .invalid("service type")
                }
                spec.type = type
                sawType = true
            case .port: spec.ports.append(try Self.readPort(&value))
            case .fixedAddress: spec.addressRequest = .fixed(try value.readAddress())
            case .headless: spec.addressRequest = .headless
            case .label: spec.labels.append(try Self.readPair(&value))
            case .annotation: spec.annotations.append(try Self.readPair(&value))
            case .selector: spec.selector.append(try Self.readPair(&value))
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
            targetPort: target,
            requestedNodePort: nodePort == 0 ? nil : nodePort
        )
    }

    private static func readPair(_ value: inout ByteReader) throws(FormatError) -> KeyValue {
        let key = try value.readShortText()
        let raw = try value.readLong()
        guard let text = String(validating: raw, as: UTF8.self) else { throw .invalid("text") }
        return KeyValue(key, text)
    }
}

extension ServiceSpec {
    /// What is wrong with this spec in itself, in a person's words, or `nil`.
    package var problem: String? {
        if ports.isEmpty && addressRequest != .headless {
            return "a Service needs at least one port"
        }
        if ports.count > Self.maximumPorts {
            return "a Service has at most \(Self.maximumPorts) ports, this one has \(ports.count)"
        }
        if ports.count > 1, ports.contains(where: { $0.name.isEmpty }) {
            return "each port needs a name where a Service has several"
        }
        if Set(ports.map(\.name)).count < ports.count { return "two ports have the same name" }
        if Set(ports.map { [UInt16($0.transport.rawValue), $0.port] }).count < ports.count {
            return "two ports have the same number and protocol"
        }
        if let port = ports.first(where: { $0.port == 0 || $0.targetPort == 0 }) {
            return "port \(port.port) → \(port.targetPort): a port is 1...65535"
        }
        if let port = ports.first(where: { !$0.name.isEmpty && !$0.name.isDNSLabel }) {
            return "port name \"\(port.name)\" is not a DNS label"
        }
        let requested = requestedNodePorts
        if type == .clusterIP, !requested.isEmpty { return "nodePort needs type: NodePort" }
        if ports.contains(where: { $0.requestedNodePort == 0 }) {
            return "nodePort 0: a nodePort is 1...65535"
        }
        for (index, resource) in requested.enumerated() {
            guard case .nodePort(_, let number) = resource, requested[..<index].contains(resource)
            else { continue }
            return "two ports ask for nodePort \(number)"
        }
        if type == .nodePort, addressRequest == .headless {
            return "a headless Service (clusterIP: None) cannot be of type NodePort"
        }
        for pairs in [labels, annotations, selector] {
            if zip(pairs, pairs.dropFirst()).contains(where: { !$0.key.precedes($1.key) }) {
                return "labels, annotations and selectors must be sorted and unique"
            }
            if pairs.contains(where: { $0.key.utf8.count > 255 || $0.value.utf8.count > 1000 }) {
                return "a label, annotation or selector is too long"
            }
        }
        let length = encoded.count
        if length > Self.maximumLength {
            return "the Service takes \(length) bytes where at most \(Self.maximumLength) fit a "
                + "record: shorten its annotations and labels"
        }
        return nil
    }
}
