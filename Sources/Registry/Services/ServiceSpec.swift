package import Vocabulary

/// What one author wishes a service to be: the part of a Kubernetes `v1 Service` spec that this
/// version honours.
///
/// A spec travels and merges as a whole (registry design, section 4): fields are never taken
/// from two authors.
package struct ServiceSpec: Hashable, Sendable {
    /// How the service can be reached.
    package var type: ServiceType
    /// At least one; names are unique, and so are (port, protocol) pairs.
    package var ports: [ServicePort]
    /// Which address is asked for.
    package var addressRequest: AddressRequest
    /// Kept for people and selectors; sorted by key, unique.
    package var labels: [KeyValue]
    /// Kept for people; sorted by key, unique.
    package var annotations: [KeyValue]
    /// What endpoints it asks for by label; kept, shown, and not yet matched.
    ///
    /// Sorted by key.
    package var selector: [KeyValue]

    package init(
        type: ServiceType,
        ports: [ServicePort],
        addressRequest: AddressRequest = .any,
        labels: [KeyValue] = [],
        annotations: [KeyValue] = [],
        selector: [KeyValue] = []
    ) {
        self.type = type
        self.ports = ports
        self.addressRequest = addressRequest
        self.labels = labels
        self.annotations = annotations
        self.selector = selector
    }
}

/// How a service can be reached.
package enum ServiceType: UInt8, Hashable, Sendable {
    /// A virtual address inside the service range.
    case clusterIP = 0
    /// That, and a port on every machine.
    case nodePort = 1
}

/// Which ClusterIP a service wants.
package enum AddressRequest: Hashable, Sendable {
    /// Whatever is free.
    case any
    /// None at all (`clusterIP: None`): reached through its endpoints' own addresses.
    case headless
    /// This one and no other.
    case fixed(IPAddress)
}

/// One port of a service: what clients dial and what endpoints listen on.
package struct ServicePort: Hashable, Sendable {
    /// A DNS label; may be empty where the service has one port only.
    package var name: String
    package var transport: TransportProtocol
    /// 1...65535: what clients of the ClusterIP dial.
    package var port: UInt16
    /// 1...65535: shown to people; where endpoints say their own port, theirs counts.
    package var targetPort: UInt16
    /// The NodePort asked for by number, or `nil` for whatever is free.
    package var requestedNodePort: UInt16?

    package init(
        name: String = "",
        transport: TransportProtocol = .tcp,
        port: UInt16,
        targetPort: UInt16? = nil,
        requestedNodePort: UInt16? = nil
    ) {
        self.name = name
        self.transport = transport
        self.port = port
        self.targetPort = targetPort ?? port
        self.requestedNodePort = requestedNodePort
    }
}

/// A label, an annotation or a selector term.
package struct KeyValue: Hashable, Comparable, Sendable {
    package let key: String
    package let value: String

    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    /// By the bytes of the key, then of the value.
    package static func < (left: KeyValue, right: KeyValue) -> Bool {
        left.key.precedes(right.key)
            || (!right.key.precedes(left.key) && left.value.precedes(right.value))
    }
}

extension String {
    /// Order by bytes: that of `<` follows Unicode tables, which differ between Swift versions.
    func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
