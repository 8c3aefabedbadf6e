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
        spec.readExternalName(&fields, &findings)
        spec.readAddresses(&fields, &findings)
        spec.ports = Self.ports(&fields, &findings)
        spec.selector = fields.pairs("selector", isLabels: true, &findings)
        spec.readPolicies(&fields, &findings)
        Self.refuseForeign(&fields, &findings)
        fields.finish(&findings)

        guard let metadata else { return nil }
        spec.labels = metadata.labels
        spec.annotations = metadata.annotations
        spec.checkSpillOver(at: metadata.place, &findings)
        spec.leaveOpen(metadata.given)
        let place = metadata.place.field("name")
        guard let name = metadata.serviceName(metadata.name, at: place, &findings),
            findings.problemCount == problems
        else { return nil }
        if let problem = spec.problem {
            let lacksPorts = spec.ports.isEmpty && spec.requiresAddress
            findings.refuse(lacksPorts ? tree.place.field("ports") : tree.place, problem)
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
        case "ExternalName": return .externalName
        case "LoadBalancer":
            let hint = "use NodePort, which works on every node, with a load balancer in front"
            findings.refuse(value.place, "LoadBalancer is not supported", hint: hint)
        default:
            let near = NearestName.of(text, among: ["ClusterIP", "NodePort", "ExternalName"])
            findings.refuse(
                value.place,
                "must be ClusterIP, NodePort or ExternalName, not \"\(text.prefix(80))\"",
                hint: near.map { "did you mean \($0)?" }
            )
        }
        return .clusterIP
    }

    private static func refuseForeign(_ fields: inout Fields, _ findings: inout Findings) {
        fields.ignore(
            ["allocateLoadBalancerNodePorts", "loadBalancerClass"],
            warning: "is not honoured yet and has no effect",
            &findings
        )
        let inFront = "use NodePort, which works on every node, with a load balancer in front"
        fields.refuse("loadBalancerIP", hint: inFront, &findings)
        fields.refuse("loadBalancerSourceRanges", hint: inFront, &findings)
        let steals = "anyone could take over an address with it; use NodePort"
        fields.refuse("externalIPs", hint: steals, &findings)
    }
}

extension ServiceSpec {
    /// Takes back what a shown service holds only because the cluster gave it.
    ///
    /// - Parameter given: The addresses and NodePorts that were given, as texts.
    fileprivate mutating func leaveOpen(_ given: Set<String>) {
        if case .fixed(let first) = addressRequest, given.contains("\(first)"),
            secondAddress.map({ given.contains("\($0)") }) ?? true
        {
            addressRequest = .any
            secondAddress = nil
        } else if let second = secondAddress, given.contains("\(second)") {
            secondAddress = nil
        }
        for index in ports.indices {
            guard let number = ports[index].requestedNodePort, given.contains("\(number)") else {
                continue
            }
            ports[index].requestedNodePort = nil
        }
        // Named or not, it asks for the same: one form, so that a shown service is the same too.
        guard problem == nil else { return }
        var silent = self
        silent.ipFamilies = []
        if silent.families == families { self = silent }
    }
}
