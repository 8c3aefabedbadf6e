package import Registry
import Vocabulary

extension ServiceObject {
    /// One service of a view.
    ///
    /// - Parameters:
    ///   - view: The service.
    ///   - nodes: The nodes of the same view, for their names.
    ///   - programming: Whether this machine's table holds it.
    package init(_ view: ServiceView, nodes: [NodeView], programming: Programming) {
        self.init(view, names: NodeNames(nodes), programming: programming)
    }

    init(_ view: ServiceView, names: NodeNames, programming: Programming) {
        var annotations = dictionary(view.spec.annotations)
        annotations[Annotation.declaredBy] = view.declaredBy.map { names[$0] }.sorted()
            .joined(separator: ",")
        annotations[Annotation.endpoints] = "\(view.readyCount)/\(view.endpoints.count)"
        if !view.aliases.isEmpty {
            annotations[Annotation.aliases] = view.aliases.map(\.description)
                .joined(separator: ",")
        }
        let given = view.given
        if !given.isEmpty { annotations[Annotation.given] = given.joined(separator: ",") }
        metadata = Metadata(
            name: view.name.name,
            namespace: view.name.namespace,
            uid: view.id.description,
            labels: dictionary(view.spec.labels),
            annotations: annotations
        )
        spec = Spec(view)
        status = Status(
            loadBalancer: LoadBalancer(),
            conditions: view.conditions(programming: programming, names: names)
        )
    }
}

extension ServiceObject.Spec {
    fileprivate init(_ view: ServiceView) {
        let spec = view.spec
        let isExternal = spec.type == .externalName
        let addresses =
            spec.addressRequest == .headless ? ["None"] : view.clusterIPs.map(\.description)
        type = spec.type.name
        clusterIP = isExternal ? nil : addresses.first ?? ""
        clusterIPs = isExternal ? nil : addresses
        externalName = isExternal ? spec.externalName : nil
        ports = spec.ports.enumerated().map { index, port in
            ServiceObject.Port(port, nodePort: view.nodePorts.dropFirst(index).first ?? nil)
        }
        selector = dictionary(spec.selector)
        sessionAffinity = spec.sessionAffinity.name
        sessionAffinityConfig = ServiceObject.SessionAffinityConfig(spec.sessionAffinity)
        // An external name keeps the policy that was written, though nothing follows it.
        let isPlain = spec.internalTrafficPolicy == .cluster
        internalTrafficPolicy = isExternal && isPlain ? nil : spec.internalTrafficPolicy.name
        externalTrafficPolicy = spec.type == .nodePort ? spec.externalTrafficPolicy.name : nil
        publishNotReadyAddresses = spec.publishNotReadyAddresses ? true : nil
        healthCheckNodePort = spec.healthCheckNodePort.map { Int($0) }
        trafficDistribution = spec.trafficDistribution.name
        ipFamilies = isExternal ? nil : view.shownFamilies.map(\.description)
        ipFamilyPolicy = isExternal ? nil : spec.ipFamilyPolicy.name
    }
}

extension ServiceView {
    /// The families it has addresses of; those it wants, where it has not got what it names.
    fileprivate var shownFamilies: [IPAddress.Family] {
        let present = clusterIPs.map(\.family)
        let named = spec.ipFamilies.isEmpty ? [spec.families[0]] : spec.ipFamilies
        return named.allSatisfy(present.contains) ? present : spec.families
    }

    /// What of its addresses and NodePorts nobody asked for by number.
    fileprivate var given: [String] {
        let asked = spec.fixedAddresses
        let addresses = clusterIPs.filter { !asked.contains($0) }.map(\.description)
        let ports = zip(spec.ports, nodePorts).compactMap { port, number in
            port.requestedNodePort == nil ? number.map { "\($0)" } : nil
        }
        return addresses + ports
    }
}

extension ObjectList<ServiceObject> {
    /// The services of a view, sorted by namespace and name.
    package init(servicesOf view: ClusterView, programming: Programming) {
        let names = NodeNames(view.nodes)
        self.init(
            view.services.map { ServiceObject($0, names: names, programming: programming) }
        )
    }
}

extension ServiceView {
    /// Whether new flows may go to an endpoint: it counts as ready, and its node is not suspected
    /// or no other one is ready either, as in the rules.
    func isReady(_ endpoint: EndpointView) -> Bool {
        guard countsAsReady(endpoint) else { return false }
        return !endpoint.isSuspect
            || !endpoints.contains { countsAsReady($0) && !$0.isSuspect }
    }

    var readyCount: Int { endpoints.count(where: isReady) }
}
