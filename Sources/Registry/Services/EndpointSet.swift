package import Vocabulary

/// The endpoints that one author offers for one service, all with the same ports.
package struct EndpointSet: Hashable, Sendable {
    package var service: ServiceName
    /// What its author calls this set (the EndpointSlice's name): applied again under the same
    /// name and namespace it replaces what was applied before.
    package var slice: String
    /// Sorted by name, then transport: matched to the service's ports by name and transport.
    package var ports: [EndpointPort]
    /// Sorted by address, unique.
    package var endpoints: [Endpoint]

    package init(
        service: ServiceName,
        slice: String = "",
        ports: [EndpointPort],
        endpoints: [Endpoint]
    ) {
        self.service = service
        self.slice = slice
        self.ports = ports.sorted()
        self.endpoints = endpoints.sorted()
    }
}

/// A port that endpoints listen on.
///
/// It answers for the service port of the same name.
package struct EndpointPort: Hashable, Comparable, Sendable {
    package let name: String
    package let transport: TransportProtocol
    package let port: UInt16

    package init(name: String = "", transport: TransportProtocol = .tcp, port: UInt16) {
        self.name = name
        self.transport = transport
        self.port = port
    }

    package static func < (left: EndpointPort, right: EndpointPort) -> Bool {
        (left.name, left.transport, left.port) < (right.name, right.transport, right.port)
    }
}

/// One place where a service runs.
package struct Endpoint: Hashable, Comparable, Sendable {
    package let address: IPAddress
    package let conditions: Conditions
    /// A DNS label for headless services, or empty.
    package let hostname: String
    /// How many new flows it gets beside others: 1...255, each in proportion to its own.
    package let weight: UInt8
    /// Where it runs, as its author calls the place, or empty: at most 63 letters of a label.
    package let zone: String

    /// What an endpoint has that says nothing.
    ///
    /// Slices of one service belong to many authors: one of them can give its own less (down to
    /// a sixteenth) or more without a word of the others.
    package static let plainWeight: UInt8 = 16
    /// With which an EndpointSlice gives the weight of its endpoints.
    package static let weightAnnotation = "grapevine/weight"

    /// The conditions of `discovery.k8s.io/v1 EndpointSlice`, as the author declares them.
    package struct Conditions: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let ready = Conditions(rawValue: 1)
        package static let serving = Conditions(rawValue: 2)
        package static let terminating = Conditions(rawValue: 4)
    }

    package init(
        address: IPAddress,
        conditions: Conditions = [.ready, .serving],
        hostname: String = "",
        weight: UInt8 = plainWeight,
        zone: String = ""
    ) {
        self.address = address
        self.conditions = conditions
        self.hostname = hostname
        self.weight = weight
        self.zone = zone
    }

    package static func < (left: Endpoint, right: Endpoint) -> Bool {
        (left.address, left.hostname, left.conditions.rawValue, left.weight, left.zone)
            < (right.address, right.hostname, right.conditions.rawValue, right.weight, right.zone)
    }
}
