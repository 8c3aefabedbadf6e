package import Registry
package import Vocabulary

/// A Service as a person would write it: what is asked for, and nothing that goes without saying.
///
/// `expose` prints it, and `diff` compares two of them.
package struct DeclaredService: Codable, Hashable, Sendable {
    package private(set) var apiVersion = "v1"
    package private(set) var kind = "Service"
    package let metadata: DeclaredMetadata
    package let spec: Spec

    package struct Spec: Codable, Hashable, Sendable {
        package let type: String?
        package let clusterIP: String?
        package let clusterIPs: [String]?
        package let externalName: String?
        package let ports: [ServiceObject.Port]?
        package let selector: [String: String]?
        package let sessionAffinity: String?
        package let sessionAffinityConfig: ServiceObject.SessionAffinityConfig?
        package let internalTrafficPolicy: String?
        package let externalTrafficPolicy: String?
        package let publishNotReadyAddresses: Bool?
        package let healthCheckNodePort: Int?
        package let trafficDistribution: String?
        package let ipFamilies: [String]?
        package let ipFamilyPolicy: String?
    }

    package init(_ name: ServiceName, _ spec: ServiceSpec) {
        metadata = DeclaredMetadata(
            name: name.name,
            namespace: name.namespace,
            labels: dictionary(spec.labels),
            annotations: dictionary(spec.annotations)
        )
        self.spec = Spec(spec)
    }
}

/// An EndpointSlice as a person would write it.
package struct DeclaredSlice: Codable, Hashable, Sendable {
    package private(set) var apiVersion = "discovery.k8s.io/v1"
    package private(set) var kind = "EndpointSlice"
    package let metadata: DeclaredMetadata
    package let addressType: String
    package let endpoints: [Endpoint]
    package let ports: [EndpointSliceObject.Port]

    package struct Endpoint: Codable, Hashable, Sendable {
        package let addresses: [String]
        /// Absent where it is simply ready.
        package let conditions: EndpointSliceObject.Conditions?
        package let hostname: String?
        package let zone: String?
    }

    /// - Parameters:
    ///   - name: The slice's own name.
    ///   - set: What it offers; all addresses are of the first one's family, and all endpoints
    ///     have its weight.
    package init(_ name: String, _ set: EndpointSet) {
        metadata = DeclaredMetadata(
            name: name,
            namespace: set.service.namespace,
            labels: [EndpointSliceObject.serviceLabel: set.service.name],
            annotations: EndpointSliceObject.weightNote(set.endpoints.first?.weight)
        )
        addressType = (set.endpoints.first?.address.family ?? .v4).description
        endpoints = set.endpoints.map { endpoint in
            let isPlain = endpoint.conditions == [.ready, .serving]
            return Endpoint(
                addresses: [endpoint.address.description],
                conditions: isPlain
                    ? nil
                    : EndpointSliceObject.Conditions(
                        ready: endpoint.conditions.contains(.ready),
                        serving: endpoint.conditions.contains(.serving),
                        terminating: endpoint.conditions.contains(.terminating)
                    ),
                hostname: endpoint.hostname.isEmpty ? nil : endpoint.hostname,
                zone: endpoint.zone.isEmpty ? nil : endpoint.zone
            )
        }
        ports = set.ports.map {
            EndpointSliceObject.Port(
                name: $0.name,
                protocol: $0.transport.name,
                port: Int($0.port)
            )
        }
    }
}

/// One of the two, as a list holds them.
package enum DeclaredObject: Codable, Hashable, Sendable {
    case service(DeclaredService)
    case slice(DeclaredSlice)

    private enum Key: String, CodingKey { case kind }

    package init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .kind)
        self =
            kind == "Service"
            ? .service(try DeclaredService(from: decoder))
            : .slice(try DeclaredSlice(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .service(let service): try service.encode(to: encoder)
        case .slice(let slice): try slice.encode(to: encoder)
        }
    }
}

/// What a declared object is called; what is empty is left out.
package struct DeclaredMetadata: Codable, Hashable, Sendable {
    package let name: String
    package let namespace: String
    package let labels: [String: String]?
    package let annotations: [String: String]?

    init(
        name: String,
        namespace: String,
        labels: [String: String],
        annotations: [String: String]
    ) {
        self.name = name
        self.namespace = namespace
        self.labels = labels.isEmpty ? nil : labels
        self.annotations = annotations.isEmpty ? nil : annotations
    }
}

extension DeclaredService.Spec {
    fileprivate init(_ spec: ServiceSpec) {
        let fixed = spec.fixedAddresses.map(\.description)
        type = spec.type == .clusterIP ? nil : spec.type.name
        clusterIP = spec.addressRequest == .headless ? "None" : fixed.first
        clusterIPs = fixed.count > 1 ? fixed : nil
        externalName = spec.externalName.isEmpty ? nil : spec.externalName
        ports =
            spec.ports.isEmpty
            ? nil : spec.ports.map { ServiceObject.Port($0, nodePort: $0.requestedNodePort) }
        selector = spec.selector.isEmpty ? nil : dictionary(spec.selector)
        sessionAffinity = spec.sessionAffinity == .none ? nil : spec.sessionAffinity.name
        sessionAffinityConfig = ServiceObject.SessionAffinityConfig(spec.sessionAffinity)
        let (inside, outside) = (spec.internalTrafficPolicy, spec.externalTrafficPolicy)
        internalTrafficPolicy = inside == .cluster ? nil : inside.name
        externalTrafficPolicy = outside == .cluster ? nil : outside.name
        publishNotReadyAddresses = spec.publishNotReadyAddresses ? true : nil
        healthCheckNodePort = spec.healthCheckNodePort.map { Int($0) }
        trafficDistribution = spec.trafficDistribution.name
        ipFamilies = spec.ipFamilies.isEmpty ? nil : spec.ipFamilies.map(\.description)
        ipFamilyPolicy = spec.ipFamilyPolicy == .singleStack ? nil : spec.ipFamilyPolicy.name
    }
}

/// The pairs by their keys, which are unique.
func dictionary(_ pairs: [KeyValue]) -> [String: String] {
    Dictionary(pairs.map { ($0.key, $0.value) }) { first, _ in first }
}
