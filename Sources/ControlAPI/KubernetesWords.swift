import Registry
import Vocabulary

/// Parts of a spec in the words of Kubernetes.
extension ServiceType {
    var name: String {
        switch self {
        case .clusterIP: "ClusterIP"
        case .nodePort: "NodePort"
        case .externalName: "ExternalName"
        }
    }
}

extension TrafficPolicy {
    var name: String { self == .cluster ? "Cluster" : "Local" }
}

extension TrafficDistribution {
    /// Absent where none is preferred.
    var name: String? {
        switch self {
        case .even: nil
        case .preferSameZone: "PreferSameZone"
        case .preferSameNode: "PreferSameNode"
        }
    }
}

extension IPFamilyPolicy {
    var name: String {
        switch self {
        case .singleStack: "SingleStack"
        case .preferDualStack: "PreferDualStack"
        case .requireDualStack: "RequireDualStack"
        }
    }
}

extension SessionAffinity {
    var name: String { self == .none ? "None" : "ClientIP" }
}

extension ServiceObject.SessionAffinityConfig {
    /// - Returns: `nil` where there is no affinity to configure.
    init?(_ affinity: SessionAffinity) {
        guard case .clientIP(let seconds) = affinity else { return nil }
        clientIP = ClientIP(timeoutSeconds: Int(seconds))
    }
}

extension ServiceObject.Port {
    init(_ port: ServicePort, nodePort: UInt16?) {
        name = port.name.isEmpty ? nil : port.name
        self.protocol = port.transport.name
        self.port = Int(port.port)
        switch port.targetPort {
        case .number(let number): targetPort = .number(Int(number))
        case .name(let name): targetPort = .name(name)
        }
        self.nodePort = nodePort.map { Int($0) }
        appProtocol = port.appProtocol.isEmpty ? nil : port.appProtocol
    }
}
