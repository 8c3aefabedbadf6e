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
        /// `ClusterIP` or `NodePort`.
        package let type: String
        /// `None` where the service is headless, empty where the address is pending.
        package let clusterIP: String
        package let clusterIPs: [String]
        package let ports: [Port]
        package let selector: [String: String]
        package let sessionAffinity: String
        package let internalTrafficPolicy: String
        /// Only for NodePort.
        package let externalTrafficPolicy: String?
        package let ipFamilies: [String]
        package let ipFamilyPolicy: String
    }

    package struct Port: Codable, Hashable, Sendable {
        package let name: String?
        package let `protocol`: String
        package let port: Int
        package let targetPort: TargetPort
        package let nodePort: Int?
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
    }

    /// The condition of a type, if it is there.
    package func condition(_ type: String) -> Condition? {
        status.conditions.first { $0.type == type }
    }
}
