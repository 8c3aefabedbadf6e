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
            conditions: view.conditions(programming: programming)
        )
    }
}

extension ServiceObject.Spec {
    fileprivate init(_ view: ServiceView) {
        let isHeadless = view.spec.addressRequest == .headless
        let address = isHeadless ? "None" : view.clusterIP?.description
        type = view.spec.type == .nodePort ? "NodePort" : "ClusterIP"
        clusterIP = address ?? ""
        clusterIPs = address.map { [$0] } ?? []
        ports = view.spec.ports.enumerated().map { index, port in
            ServiceObject.Port(
                name: port.name.isEmpty ? nil : port.name,
                protocol: port.transport.name,
                port: Int(port.port),
                targetPort: ServiceObject.TargetPort(port.targetPort),
                nodePort: view.nodePorts.dropFirst(index).first?.map { Int($0) }
            )
        }
        selector = dictionary(view.spec.selector)
        sessionAffinity = "None"
        internalTrafficPolicy = "Cluster"
        externalTrafficPolicy = view.spec.type == .nodePort ? "Cluster" : nil
        ipFamilies = [(view.clusterIP?.family ?? .v4).description]
        ipFamilyPolicy = "SingleStack"
    }
}

extension ServiceObject.TargetPort {
    fileprivate init(_ target: TargetPort) {
        switch target {
        case .number(let number): self = .number(Int(number))
        case .name(let name): self = .name(name)
        }
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

extension EndpointView {
    /// Whether it is declared ready and its node is not suspected.
    var isReady: Bool { conditions.contains(.ready) && !isSuspect }
}

extension ServiceView {
    var readyCount: Int { endpoints.count(where: \.isReady) }
}

private func dictionary(_ pairs: [KeyValue]) -> [String: String] {
    Dictionary(pairs.map { ($0.key, $0.value) }) { first, _ in first }
}
