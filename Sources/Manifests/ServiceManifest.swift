import Registry
import Vocabulary

/// Reading a `v1 Service` (interface design, section 2.6).
extension ObjectReader {
    func service(
        _ object: inout Fields,
        _ findings: inout Findings
    ) -> (name: String, Manifest.Declaration)? {
        let problems = findings.problemCount
        let metadata = Metadata(of: &object, namespace: namespace, &findings)
        object.ignore(["status"])
        guard let tree = object.take("spec") else {
            findings.refuse(object.place.field("spec"), "missing")
            return nil
        }
        guard var fields = tree.fields(&findings) else { return nil }
        var spec = ServiceSpec(type: .clusterIP, ports: [])
        spec.type = Self.type(&fields, &findings)
        spec.addressRequest = Self.addressRequest(&fields, &findings)
        spec.ports = Self.ports(&fields, &findings)
        spec.selector = fields.pairs("selector", &findings)
        Self.readDefaults(&fields, &findings)
        Self.refuseForeign(&fields, &findings)
        fields.finish(&findings)

        guard let metadata else { return nil }
        spec.labels = metadata.labels
        spec.annotations = metadata.annotations
        let place = metadata.place.field("name")
        guard let name = metadata.serviceName(metadata.name, at: place, &findings),
            findings.problemCount == problems
        else { return nil }
        if let problem = spec.problem {
            let field = spec.ports.isEmpty ? tree.place.field("ports") : tree.place
            findings.refuse(field, problem)
            return nil
        }
        return (metadata.name, .service(name, spec))
    }

    private static func type(_ fields: inout Fields, _ findings: inout Findings) -> ServiceType {
        guard let value = fields.take("type"), let text = value.text(&findings) else {
            return .clusterIP
        }
        switch text {
        case "ClusterIP": return .clusterIP
        case "NodePort": return .nodePort
        case "LoadBalancer":
            let hint = "use NodePort, which works on every node, with a load balancer in front"
            findings.refuse(value.place, "LoadBalancer is not supported", hint: hint)
        case "ExternalName":
            let hint = "use a Service without selector and an EndpointSlice with the address"
            findings.refuse(
                value.place,
                "ExternalName is not supported by this version",
                hint: hint
            )
        default:
            let near = NearestName.of(text, among: ["ClusterIP", "NodePort"])
            findings.refuse(
                value.place,
                "must be ClusterIP or NodePort, not \"\(text.prefix(80))\"",
                hint: near.map { "did you mean \($0)?" }
            )
        }
        return .clusterIP
    }

    /// `clusterIP`, and `clusterIPs`, which says the same as a list.
    private static func addressRequest(
        _ fields: inout Fields,
        _ findings: inout Findings
    ) -> AddressRequest {
        let single = fields.take("clusterIP").map { request($0, &findings) }
        guard let list = fields.take("clusterIPs"), let elements = list.list(&findings) else {
            return single ?? .any
        }
        if elements.count > 1 {
            let hint = "one IPv4 address, or none"
            findings.refuse(
                list.place,
                "two addresses are not supported by this version",
                hint: hint
            )
        }
        guard let first = elements.first.map({ request($0, &findings) }) else {
            return single ?? .any
        }
        if let single, single != first {
            findings.refuse(list.place, "must begin with the address in clusterIP")
        }
        return first
    }

    private static func request(_ value: Tree, _ findings: inout Findings) -> AddressRequest {
        guard let text = value.text(&findings), !text.isEmpty else { return .any }
        if text == "None" { return .headless }
        switch IPAddress(text) {
        case .v4(let word)?:
            return .fixed(.v4(word))
        case .v6?:
            let hint = "use an IPv4 address of the service range"
            findings.refuse(value.place, "IPv6 is not supported by this version", hint: hint)
        case nil:
            let hint = "None, an IPv4 address of the service range, or leave it out"
            findings.refuse(value.place, "\"\(text.prefix(80))\" is not an address", hint: hint)
        }
        return .any
    }

    /// Fields in which this version can do only what Kubernetes does by default.
    private static func readDefaults(_ fields: inout Fields, _ findings: inout Findings) {
        fields.only("None", in: "sessionAffinity", &findings)
        fields.only("Cluster", in: "externalTrafficPolicy", &findings)
        fields.only("Cluster", in: "internalTrafficPolicy", &findings)
        fields.only("SingleStack", in: "ipFamilyPolicy", &findings)
        if let value = fields.take("publishNotReadyAddresses"), value.boolean(&findings) == true {
            findings.refuse(
                value.place,
                "true is not supported by this version",
                hint: "write false, or leave it out"
            )
        }
        guard let families = fields.take("ipFamilies"), let list = families.list(&findings) else {
            return
        }
        for family in list {
            guard let text = family.text(&findings), text != "IPv4" else { continue }
            findings.refuse(
                family.place,
                "\"\(text.prefix(80))\" is not supported by this version",
                hint: "write [IPv4], or leave it out"
            )
        }
    }

    private static func refuseForeign(_ fields: inout Fields, _ findings: inout Findings) {
        fields.ignore(
            ["allocateLoadBalancerNodePorts", "loadBalancerClass", "trafficDistribution"],
            warning: "has no effect in this version",
            &findings
        )
        let inFront = "use NodePort, which works on every node, with a load balancer in front"
        fields.refuse("loadBalancerIP", hint: inFront, &findings)
        fields.refuse("loadBalancerSourceRanges", hint: inFront, &findings)
        fields.refuse("healthCheckNodePort", hint: inFront, &findings)
        let steals = "anyone could take over an address with it; use NodePort"
        fields.refuse("externalIPs", hint: steals, &findings)
        fields.refuse("externalName", hint: "use an EndpointSlice with the address", &findings)
        fields.refuse("sessionAffinityConfig", hint: "leave it out", &findings)
    }
}
