import Registry
import Vocabulary

/// Reading a `discovery.k8s.io/v1 EndpointSlice` (interface design, section 2.6).
extension ObjectReader {
    /// As in Kubernetes.
    private static let maximumEndpoints = 1000
    /// As in Kubernetes.
    private static let maximumPorts = 100
    private static let serviceLabel = "kubernetes.io/service-name"

    func endpointSlice(
        _ object: inout Fields,
        _ findings: inout Findings
    ) -> (name: String, Manifest.Declaration)? {
        let metadata = Metadata(of: &object, namespace: namespace, &findings)
        let family = Self.readAddressType(&object, &findings)
        let endpoints = Self.endpoints(&object, family, &findings)
        let ports = Self.endpointPorts(&object, &findings)
        guard let metadata else { return nil }
        let place = metadata.place.field("labels").field(Self.serviceLabel)
        guard let label = metadata.labels.first(where: { $0.key == Self.serviceLabel }) else {
            if !metadata.writtenLabels.contains(Self.serviceLabel) {
                let hint = "it names the Service the endpoints are for"
                findings.refuse(place, "missing", hint: hint)
            }
            return nil
        }
        guard let service = metadata.serviceName(label.value, at: place, &findings) else {
            return nil
        }
        guard let weight = Self.weight(metadata, &findings) else { return nil }
        let weighted = endpoints.map { endpoint in
            Endpoint(
                address: endpoint.address,
                conditions: endpoint.conditions,
                hostname: endpoint.hostname,
                weight: weight,
                zone: endpoint.zone
            )
        }
        let set = EndpointSet(service: service, ports: ports, endpoints: weighted)
        return (metadata.name, .endpoints(set))
    }

    /// - Returns: What each endpoint of the slice weighs, or `nil` where that is no weight and
    ///   reported.
    private static func weight(_ metadata: Metadata, _ findings: inout Findings) -> UInt8? {
        let key = Endpoint.weightAnnotation
        guard let note = metadata.annotations.first(where: { $0.key == key }) else {
            return Endpoint.plainWeight
        }
        if let weight = UInt8(note.value), weight > 0, "\(weight)" == note.value { return weight }
        findings.refuse(
            metadata.place.field("annotations").field(key),
            "must be a number of 1...255, not \"\(note.value.prefix(80))\"",
            hint: "endpoints of slices that say nothing have \(Endpoint.plainWeight)"
        )
        return nil
    }

    /// - Returns: The family that all the addresses must have.
    private static func readAddressType(
        _ object: inout Fields,
        _ findings: inout Findings
    ) -> IPAddress.Family {
        guard let value = object.take("addressType") else {
            let hint = "write IPv4 or IPv6"
            findings.refuse(object.place.field("addressType"), "missing", hint: hint)
            return .v4
        }
        guard let text = value.text(&findings) else { return .v4 }
        guard let family = IPAddress.Family.allCases.first(where: { $0.description == text })
        else {
            let message = "\"\(text.prefix(80))\" is not supported"
            findings.refuse(value.place, message, hint: "write IPv4 or IPv6")
            return .v4
        }
        return family
    }

    private static func endpointPorts(
        _ object: inout Fields,
        _ findings: inout Findings
    ) -> [EndpointPort] {
        guard let value = object.take("ports"), let list = value.list(&findings) else { return [] }
        guard list.count <= maximumPorts else {
            findings.refuse(value.place, "has \(list.count) ports; at most \(maximumPorts)")
            return []
        }
        var ports: [EndpointPort] = []
        for tree in list {
            guard let port = endpointPort(tree, &findings) else { continue }
            if ports.contains(where: { $0.name == port.name && $0.transport == port.transport }) {
                findings.refuse(tree.place, "a port of this name and protocol is there already")
            }
            ports.append(port)
        }
        return ports
    }

    private static func endpoints(
        _ object: inout Fields,
        _ family: IPAddress.Family,
        _ findings: inout Findings
    ) -> [Endpoint] {
        guard let value = object.take("endpoints"), let list = value.list(&findings) else {
            return []
        }
        guard list.count <= maximumEndpoints else {
            findings.refuse(value.place, "has \(list.count) endpoints; at most \(maximumEndpoints)")
            return []
        }
        var seen: Set<IPAddress> = []
        return list.compactMap { tree in
            guard let endpoint = endpoint(tree, family, &findings) else { return nil }
            guard seen.insert(endpoint.address).inserted else {
                findings.refuse(tree.place, "the address \(endpoint.address) is there already")
                return nil
            }
            return endpoint
        }
    }

    private static func endpoint(
        _ tree: Tree,
        _ family: IPAddress.Family,
        _ findings: inout Findings
    ) -> Endpoint? {
        guard var fields = tree.fields(&findings) else { return nil }
        let address = address(&fields, family, &findings)
        let conditions = conditions(&fields, &findings)
        var hostname = ""
        if let value = fields.take("hostname"), let text = value.text(&findings) {
            hostname = text
            if !text.isEmpty, !text.isDNSLabel {
                findings.refuse(value.place, "\"\(text.prefix(80))\" is not a DNS label")
            }
        }
        let zone = zone(&fields, &findings)
        // Who runs it is known from who declares it; the rest has no meaning here.
        fields.ignore(["deprecatedTopology", "hints", "nodeName", "targetRef"])
        fields.finish(&findings)
        return address.map {
            Endpoint(address: $0, conditions: conditions, hostname: hostname, zone: zone)
        }
    }

    private static func zone(_ fields: inout Fields, _ findings: inout Findings) -> String {
        guard let value = fields.take("zone"), let text = value.text(&findings) else { return "" }
        guard text.isLabelValue else {
            findings.refuse(
                value.place,
                "\"\(text.prefix(80))\" is no name of a zone",
                hint: "at most 63 of a-z, A-Z, 0-9, -, _ and ."
            )
            return ""
        }
        return text
    }

    /// The first of `addresses`; the others count for nothing in Kubernetes either.
    private static func address(
        _ fields: inout Fields,
        _ family: IPAddress.Family,
        _ findings: inout Findings
    ) -> IPAddress? {
        guard let value = fields.take("addresses") else {
            findings.refuse(fields.place.field("addresses"), "missing")
            return nil
        }
        guard let list = value.list(&findings) else { return nil }
        guard let first = list.first else {
            findings.refuse(value.place, "needs an address")
            return nil
        }
        for further in list.dropFirst() {
            findings.warn(further.place, "has no effect: only the first address counts")
        }
        guard let text = first.text(&findings) else { return nil }
        guard let address = IPAddress(text), address.family == family else {
            findings.refuse(first.place, "\"\(text.prefix(80))\" is not an \(family) address")
            return nil
        }
        if address.isLoopback || address.isUnspecified {
            let hint = "other machines could not reach it; write an address of this machine"
            findings.refuse(first.place, "\(address) is not an address of an endpoint", hint: hint)
            return nil
        }
        return address
    }

    /// What is not said: ready is true, serving is as ready, terminating is false.
    private static func conditions(
        _ endpoint: inout Fields,
        _ findings: inout Findings
    ) -> Endpoint.Conditions {
        guard let value = endpoint.take("conditions"), var fields = value.fields(&findings) else {
            return [.ready, .serving]
        }
        let ready = fields.take("ready")?.boolean(&findings) ?? true
        let serving = fields.take("serving")?.boolean(&findings) ?? ready
        let terminating = fields.take("terminating")?.boolean(&findings) ?? false
        fields.finish(&findings)
        var conditions: Endpoint.Conditions = []
        if ready { conditions.insert(.ready) }
        if serving { conditions.insert(.serving) }
        if terminating { conditions.insert(.terminating) }
        return conditions
    }
}
