/// A Kubernetes `v1 Service`, as we show one.
package struct ServiceObject: Codable, Hashable, Sendable {
    package private(set) var apiVersion = "v1"
    package private(set) var kind = "Service"
    package let metadata: Metadata
    package let spec: Spec
    package let status: Status

    package init(metadata: Metadata, spec: Spec, status: Status) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    package struct Metadata: Codable, Hashable, Sendable {
        package let name: String
        package let namespace: String
        /// The service's id: 32 hexadecimal digits.
        package let uid: String
        package let labels: [String: String]
        package let annotations: [String: String]
    }

    package struct Spec: Codable, Hashable, Sendable {
        /// `ClusterIP`, `NodePort` or `ExternalName`.
        package let type: String
        /// `None` where the service is headless, empty where the address is pending, absent
        /// where it is an external name.
        package let clusterIP: String?
        /// The same, and an address of the other family where there is one.
        package let clusterIPs: [String]?
        /// Only for ExternalName.
        package let externalName: String?
        package let ports: [Port]
        package let selector: [String: String]
        package let sessionAffinity: String
        /// Only for affinity to the client's address.
        package let sessionAffinityConfig: SessionAffinityConfig?
        /// Absent for ExternalName.
        package let internalTrafficPolicy: String?
        /// Only for NodePort.
        package let externalTrafficPolicy: String?
        /// Absent where it is false.
        package let publishNotReadyAddresses: Bool?
        /// Absent where there is none.
        package let healthCheckNodePort: Int?
        /// `PreferSameZone` or `PreferSameNode`; absent where none is preferred.
        package let trafficDistribution: String?
        /// Absent for ExternalName.
        package let ipFamilies: [String]?
        /// Absent for ExternalName.
        package let ipFamilyPolicy: String?
    }

    package struct SessionAffinityConfig: Codable, Hashable, Sendable {
        package let clientIP: ClientIP

        package struct ClientIP: Codable, Hashable, Sendable {
            package let timeoutSeconds: Int
        }
    }

    package struct Port: Codable, Hashable, Sendable {
        package let name: String?
        package let `protocol`: String
        package let port: Int
        package let targetPort: TargetPort
        package let nodePort: Int?
        package let appProtocol: String?
    }

    /// Kubernetes' `IntOrString`.
    package enum TargetPort: Codable, Hashable, Sendable, CustomStringConvertible {
        case number(Int)
        case name(String)

        package init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Int.self) {
                self = .number(number)
            } else {
                self = .name(try value.decode(String.self))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .number(let number): try value.encode(number)
            case .name(let name): try value.encode(name)
            }
        }

        package var description: String {
            switch self {
            case .number(let number): "\(number)"
            case .name(let name): name
            }
        }
    }

    package struct Status: Codable, Hashable, Sendable {
        package let loadBalancer: LoadBalancer
        package let conditions: [Condition]
    }

    /// Always `{}`: we are none.
    package struct LoadBalancer: Codable, Hashable, Sendable {}
}

extension ServiceObject {
    /// Annotations by which a shown service says what has no field in Kubernetes.
    ///
    /// They are not part of its spec, and `Manifests` passes over them.
    package enum Annotation {
        /// Further addresses that answer for it: `10.96.0.7,10.96.4.2`.
        package static let aliases = "grapevine/aliases"
        /// The names of the nodes that declare it: `pi-1,pi-2`.
        package static let declaredBy = "grapevine/declared-by"
        /// Ready endpoints of all: `2/3`.
        package static let endpoints = "grapevine/endpoints"
        /// What of the spec nobody asked for and the cluster gave, addresses and NodePorts:
        /// `10.96.0.7,30080`.
        ///
        /// Applied again it is left open, so that a shown service is the one declared.
        package static let given = "grapevine/given"
    }

    /// The condition of a type, if it is there.
    package func condition(_ type: String) -> Condition? {
        status.conditions.first { $0.type == type }
    }
}
