package import Vocabulary

/// One service's endpoints inside an ENDPOINTS record, which packs several such entries.
package struct EndpointEntry: Hashable, Sendable {
    package var service: ServiceID
    /// Sorted; the ports all these endpoints listen on.
    package var ports: [EndpointPort]
    /// Sorted.
    package var endpoints: [Endpoint]

    package static let maximumEntries = 64
    /// A byte counts the endpoints of an entry, and another one its ports.
    package static let maximumEndpoints = 255
    /// The flags that a hostname, a weight and a zone follow, in this order; the lowest three
    /// bits are the conditions.
    private static let hasHostname: UInt8 = 0x80
    private static let hasWeight: UInt8 = 0x40
    private static let hasZone: UInt8 = 0x20
    private static let conditions: UInt8 = 7

    package init(service: ServiceID, ports: [EndpointPort], endpoints: [Endpoint]) {
        self.service = service
        self.ports = ports.sorted()
        self.endpoints = endpoints.sorted()
    }

    func write(into writer: inout ByteWriter) {
        writer.write(service)
        writer.write(UInt8(ports.count))
        for port in ports {
            writer.write(short: port.name)
            writer.write(port.transport.rawValue)
            writer.write(port.port)
        }
        writer.write(UInt8(endpoints.count))
        for endpoint in endpoints {
            var flags = endpoint.conditions.rawValue
            if !endpoint.hostname.isEmpty { flags |= Self.hasHostname }
            if endpoint.weight != Endpoint.plainWeight { flags |= Self.hasWeight }
            if !endpoint.zone.isEmpty { flags |= Self.hasZone }
            writer.write(flags)
            writer.write(endpoint.address)
            if flags & Self.hasHostname != 0 { writer.write(short: endpoint.hostname) }
            if flags & Self.hasWeight != 0 { writer.write(endpoint.weight) }
            if flags & Self.hasZone != 0 { writer.write(short: endpoint.zone) }
        }
    }

    /// How many bytes it takes inside a record.
    package var encodedLength: Int {
        var writer = ByteWriter()
        write(into: &writer)
        return writer.bytes.count
    }

    static func readAll(_ reader: inout ByteReader) throws(FormatError) -> [EndpointEntry] {
        let count = Int(try reader.read(UInt8.self))
        guard count <= maximumEntries else { throw .tooLarge("endpoint entries") }
        var entries: [EndpointEntry] = []
        for _ in 0..<count { entries.append(try EndpointEntry(&reader)) }
        return entries
    }

    private init(_ reader: inout ByteReader) throws(FormatError) {
        service = try reader.read(ServiceID.self)
        ports = []
        for _ in 0..<Int(try reader.read(UInt8.self)) {
            let name = try reader.readShortText()
            guard name.isEmpty || name.isDNSLabel,
                let transport = TransportProtocol(rawValue: try reader.read(UInt8.self))
            else { throw .invalid("endpoint port") }
            let port = try reader.read(UInt16.self)
            guard port > 0 else { throw .invalid("endpoint port") }
            ports.append(EndpointPort(name: name, transport: transport, port: port))
        }
        let count = Int(try reader.read(UInt8.self))
        endpoints = []
        // As many as there are bytes for at least: others wrote the number.
        endpoints.reserveCapacity(min(count, reader.remaining / 6))
        for _ in 0..<count {
            endpoints.append(try Self.readEndpoint(&reader))
        }
        guard ports.neverFalls, endpoints.neverFalls else {
            throw .invalid("endpoint order")
        }
    }

    private static func readEndpoint(_ reader: inout ByteReader) throws(FormatError) -> Endpoint {
        let flags = try reader.read(UInt8.self)
        guard flags & ~(hasHostname | hasWeight | hasZone | conditions) == 0 else {
            throw .invalid("endpoint flags")
        }
        let address = try reader.readAddress()
        let hostname = flags & hasHostname != 0 ? try reader.readShortText() : ""
        guard hostname.isEmpty == (flags & hasHostname == 0),
            hostname.isEmpty || hostname.isDNSLabel
        else { throw .invalid("endpoint hostname") }
        let weight = flags & hasWeight != 0 ? try reader.read(UInt8.self) : Endpoint.plainWeight
        guard weight > 0, (weight == Endpoint.plainWeight) == (flags & hasWeight == 0) else {
            throw .invalid("endpoint weight")
        }
        let zone = flags & hasZone != 0 ? try reader.readShortText() : ""
        guard zone.isEmpty == (flags & hasZone == 0), zone.isLabelValue else {
            throw .invalid("endpoint zone")
        }
        return Endpoint(
            address: address,
            conditions: Endpoint.Conditions(rawValue: flags & conditions),
            hostname: hostname,
            weight: weight,
            zone: zone
        )
    }
}

extension Array where Element: Comparable {
    /// Whether sorting would change nothing.
    fileprivate var neverFalls: Bool { indices.dropFirst().allSatisfy { self[$0] >= self[$0 - 1] } }
}
