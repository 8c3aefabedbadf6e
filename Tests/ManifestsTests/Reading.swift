import Manifests
import Registry
import Vocabulary

/// What is wrong with a text, one line each; empty where it is accepted.
func problems(_ text: String, namespace: String = "default") -> [String] {
    do {
        _ = try Manifest(parsing: text, file: "web.yaml", namespace: namespace)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

/// A Service with this written into its spec, line 5 and on.
func service(_ spec: String) -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec:
    \(spec.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    """
}

/// An EndpointSlice with this below its metadata, line 4 and on.
func slice(_ rest: String) -> String {
    """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
    \(rest)
    """
}

extension Manifest {
    /// The spec of the only service.
    var onlySpec: ServiceSpec? {
        guard case .service(_, let spec)? = items.first?.declaration, items.count == 1 else {
            return nil
        }
        return spec
    }

    /// The only set of endpoints.
    var onlyEndpoints: EndpointSet? {
        guard case .endpoints(let set)? = items.first?.declaration, items.count == 1 else {
            return nil
        }
        return set
    }
}
