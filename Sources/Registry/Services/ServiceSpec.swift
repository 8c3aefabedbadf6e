package import Vocabulary

/// What one author wishes a service to be: the part of a Kubernetes `v1 Service` spec that this
/// version honours.
///
/// A spec travels and merges as a whole (registry design, section 4): fields are never taken
/// from two authors.
package struct ServiceSpec: Hashable, Sendable {
    /// How the service can be reached.
    package var type: ServiceType
    /// At least one unless it is headless or an external name; names are unique, and so are
    /// (port, protocol) pairs.
    package var ports: [ServicePort]
    /// Which address is asked for.
    package var addressRequest: AddressRequest
    /// The fixed address of the other family, beside the one in `addressRequest`.
    package var secondAddress: IPAddress?
    /// The families asked for by name, the first one first; empty where the author left it open.
    package var ipFamilies: [IPAddress.Family]
    /// Whether it wants one family of addresses or both.
    package var ipFamilyPolicy: IPFamilyPolicy
    /// For type `externalName` the name it stands for, without a dot at the end; else empty.
    package var externalName: String
    /// Which endpoints answer who comes from outside through a NodePort.
    package var externalTrafficPolicy: TrafficPolicy
    /// Which endpoints answer who comes through the ClusterIP.
    package var internalTrafficPolicy: TrafficPolicy
    /// Whether a client stays with its endpoint.
    package var sessionAffinity: SessionAffinity
    /// Whether endpoints count that are not ready.
    package var publishNotReadyAddresses: Bool
    /// A TCP port of every machine that says whether endpoints of this service are on it, or
    /// `nil`; only where the external policy is local.
    package var healthCheckNodePort: UInt16?
    /// Which endpoints are preferred where all may answer.
    package var trafficDistribution: TrafficDistribution
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
        secondAddress = nil
        ipFamilies = []
        ipFamilyPolicy = .singleStack
        externalName = ""
        externalTrafficPolicy = .cluster
        internalTrafficPolicy = .cluster
        sessionAffinity = .none
        publishNotReadyAddresses = false
        healthCheckNodePort = nil
        trafficDistribution = .even
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
    /// Not at all: its name stands for another one (a CNAME), which no rule of ours touches.
    case externalName = 2
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

/// How many families of addresses a service wants.
package enum IPFamilyPolicy: UInt8, Hashable, Sendable {
    /// One: the first it names, else that of its fixed address, else IPv4.
    case singleStack = 0
    /// Both where the cluster has both ranges, else the one it has.
    case preferDualStack = 1
    /// Both; it is in trouble where the cluster lacks a range.
    case requireDualStack = 2
}

/// Which endpoints answer.
package enum TrafficPolicy: UInt8, Hashable, Sendable {
    /// All of them.
    case cluster = 0
    /// Those on the machine that the packet reaches first.
    case local = 1
}

/// Which endpoints are preferred where all may answer.
package enum TrafficDistribution: UInt8, Hashable, Sendable {
    /// None: each by its weight.
    case even = 0
    /// Those in the zone of the machine that the packet reaches first, where there are any
    /// (`PreferSameZone`, also called `PreferClose`).
    case preferSameZone = 1
    /// Those on that machine, else those in its zone, where there are any (`PreferSameNode`).
    case preferSameNode = 2
}

extension ServiceSpec {
    /// With which a service with a preference says how much of 100 new flows goes to the others
    /// all the same: 0...99.
    package static let spillOverAnnotation = "grapevine/spill-over"

    /// How much of 100 new flows goes to endpoints that are not preferred; 0, as in Kubernetes,
    /// where the annotation is absent or no such number.
    package var spillOver: Int {
        let text = annotations.first { $0.key == Self.spillOverAnnotation }?.value
        return text.flatMap { Int(plainDecimal: $0) }.flatMap { (0..<100).contains($0) ? $0 : nil }
            ?? 0
    }
}

/// Whether a client stays with the endpoint that answered it first.
package enum SessionAffinity: Hashable, Sendable {
    case none
    /// It does, known by its address, until it has been silent for that long: 1...86400 seconds.
    case clientIP(seconds: UInt32)

    /// Three hours, as in Kubernetes.
    package static let defaultSeconds: UInt32 = 10_800
    /// A day, as in Kubernetes.
    package static let maximumSeconds: UInt32 = 86_400
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
