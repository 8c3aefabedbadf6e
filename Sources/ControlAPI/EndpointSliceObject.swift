package import Registry
import Vocabulary

/// A Kubernetes `discovery.k8s.io/v1 EndpointSlice`, as we show one: the endpoints of one
/// service on one node that listen on the same ports and have the same weight.
package struct EndpointSliceObject: Codable, Hashable, Sendable {
    package private(set) var apiVersion = "discovery.k8s.io/v1"
    package private(set) var kind = "EndpointSlice"
    package let metadata: Metadata
    package let addressType: String
    package let endpoints: [Endpoint]
    package let ports: [Port]

    package struct Metadata: Codable, Hashable, Sendable {
        /// Unique in its namespace: `<service>-<node>`, and a number where that is taken.
        package let name: String
        package let namespace: String
        package let labels: [String: String]
        package let annotations: [String: String]
    }

    package struct Endpoint: Codable, Hashable, Sendable {
        package let addresses: [String]
        package let conditions: Conditions
        package let hostname: String?
        package let nodeName: String
        package let zone: String?
    }

    package struct Conditions: Codable, Hashable, Sendable {
        /// Declared ready, and its node is not suspected.
        package let ready: Bool
        /// As declared, whatever is thought of its node.
        package let serving: Bool
        package let terminating: Bool
    }

    package struct Port: Codable, Hashable, Sendable {
        /// Empty where the port has no name.
        package let name: String
        package let `protocol`: String
        package let port: Int
    }

    /// Which service the slice belongs to.
    package static let serviceLabel = "kubernetes.io/service-name"
    /// Who wrote the slice.
    package static let managerLabel = "endpointslice.kubernetes.io/managed-by"
    /// `true` where the endpoints' node is suspected.
    package static let suspectAnnotation = "grapevine/suspect"

    /// How much each endpoint of the slice gets beside others, where it is not the usual.
    package var weight: UInt8 {
        metadata.annotations[Registry.Endpoint.weightAnnotation].flatMap { UInt8($0) }
            ?? Registry.Endpoint.plainWeight
    }

    /// The annotation that gives a weight; none where it goes without saying.
    static func weightNote(_ weight: UInt8?) -> [String: String] {
        guard let weight, weight != Registry.Endpoint.plainWeight else { return [:] }
        return [Registry.Endpoint.weightAnnotation: "\(weight)"]
    }

    package var service: String { metadata.labels[Self.serviceLabel] ?? "" }
}

extension ObjectList<EndpointSliceObject> {
    /// The endpoints of a view, sorted by service, node and ports.
    package init(endpointsOf view: ClusterView) {
        let names = NodeNames(view.nodes)
        var taken: Set<String> = []
        self.init(view.services.flatMap { $0.slices(names, besides: &taken) })
    }
}

extension ServiceView {
    /// Its endpoints as slices, under names that are not taken yet, and then are.
    func slices(_ names: NodeNames, besides taken: inout Set<String>) -> [EndpointSliceObject] {
        endpointGroups.map { group in
            let base = "\(name.name)-\(names[group[0].node])"
            var unique = base
            var number = 2
            while !taken.insert("\(name.namespace)/\(unique)").inserted {
                unique = "\(base)-\(number)"
                number += 1
            }
            return EndpointSliceObject(group, name: unique, of: self, names: names)
        }
    }

    /// The endpoints, by node, ports and weight; no group is empty.
    fileprivate var endpointGroups: [[EndpointView]] {
        let sorted = endpoints.sorted { left, right in
            if left.node != right.node { return left.node < right.node }
            if left.ports != right.ports {
                return left.ports.lexicographicallyPrecedes(right.ports)
            }
            if left.weight != right.weight { return left.weight < right.weight }
            return left < right
        }
        var groups: [[EndpointView]] = []
        for endpoint in sorted {
            if let last = groups.last?.last, last.node == endpoint.node,
                last.ports == endpoint.ports, last.weight == endpoint.weight
            {
                groups[groups.count - 1].append(endpoint)
            } else {
                groups.append([endpoint])
            }
        }
        return groups
    }
}

extension EndpointSliceObject {
    fileprivate init(
        _ group: [EndpointView],
        name: String,
        of service: ServiceView,
        names: NodeNames
    ) {
        metadata = Metadata(
            name: name,
            namespace: service.name.namespace,
            labels: [Self.serviceLabel: service.name.name, Self.managerLabel: "grapevine"],
            annotations: (group[0].isSuspect ? [Self.suspectAnnotation: "true"] : [:])
                .merging(Self.weightNote(group[0].weight)) { first, _ in first }
        )
        addressType = group[0].address.family.description
        endpoints = group.map { endpoint in
            Endpoint(
                addresses: [endpoint.address.description],
                conditions: Conditions(
                    ready: service.isReady(endpoint),
                    serving: endpoint.conditions.contains(.serving),
                    terminating: endpoint.conditions.contains(.terminating)
                ),
                hostname: endpoint.hostname.isEmpty ? nil : endpoint.hostname,
                nodeName: names[endpoint.node],
                zone: endpoint.zone.isEmpty ? nil : endpoint.zone
            )
        }
        ports = group[0].ports.map {
            Port(name: $0.name, protocol: $0.transport.name, port: Int($0.port))
        }
    }
}
