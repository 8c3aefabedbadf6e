import Registry
import Vocabulary

/// Compares a view that a node published with what its store comes to.
struct ViewExamination {
    private let view: ClusterView
    private let store: RecordStore
    private let reckoning: Reckoning

    init(_ view: ClusterView, _ store: RecordStore, at now: WallTime) {
        self.view = view
        self.store = store
        reckoning = Reckoning(store, at: now)
    }

    func run(_ auditor: Auditor, _ name: String) {
        examineOwners(auditor, name)
        examineQuotas(auditor, name)
        let expected = reckoning.names.values.sorted()
        if view.services.map(\.name) != expected {
            let shown = view.services.map(\.name.name)
            auditor.note(.determinism, "\(name) shows \(shown) and holds \(expected.map(\.name))")
        }
        for service in view.services { examine(service, auditor, name) }
    }

    /// One owner for each place (invariant 20).
    private func examineOwners(_ auditor: Auditor, _ name: String) {
        var owners: [Resource: ServiceName] = [:]
        for service in view.services {
            var places = service.addresses.map { Resource.address($0) }
            for (index, port) in service.nodePorts.enumerated() {
                guard let port, index < service.spec.ports.count else { continue }
                places.append(.nodePort(service.spec.ports[index].transport, port))
            }
            for place in places {
                guard let other = owners.updateValue(service.name, forKey: place) else { continue }
                let words = "\(name) gives \(place) to \(other) and \(service.name)"
                auditor.note(.ownership, words)
            }
        }
    }

    private func examineQuotas(_ auditor: Auditor, _ name: String) {
        for author in store.authors {
            guard let shelf = store.shelf(of: author) else { continue }
            let limit = Int(shelf.content.certificate.content.maximumServices)
            let count = view.services.count { $0.declaredBy.contains(author) }
            if count > limit {
                auditor.note(.quota, "\(name) counts \(count) services of \(author.short)")
            }
        }
    }

    private func examine(_ service: ServiceView, _ auditor: Auditor, _ name: String) {
        let wishes = reckoning.wishes[service.id] ?? []
        let label = "\(service.name) on \(name)"
        // Invariant 18: no mixture.
        if !wishes.contains(where: { $0.declaration.spec == service.spec }) {
            auditor.note(.spec, "nobody declares the spec of \(label)")
        }
        // An author whose deletion is on its way may for a moment seem to wish twice.
        if service.declaredBy != Set(wishes.map(\.author)).sorted() {
            auditor.note(.determinism, "\(label) is declared by others than it says")
        }
        let owned = reckoning.addresses(of: service.id)
        switch service.spec.addressRequest {
        case .headless:
            if !service.addresses.isEmpty { auditor.note(.requests, "\(label) has an address") }
        case .any, .fixed:
            var told = reckoning.oldest(of: service.id)
            if case .fixed(let wanted) = service.spec.addressRequest, owned.contains(wanted) {
                told = wanted
            }
            if Set(service.addresses) != owned || service.clusterIP != told {
                let words = "\(label) is at \(service.addresses) and owns \(owned.sorted())"
                auditor.note(.determinism, words)
            }
        }
        examinePorts(of: service, auditor, label)
        examineEndpoints(of: service, auditor, label)
    }

    private func examinePorts(of service: ServiceView, _ auditor: Auditor, _ label: String) {
        for (index, number) in service.nodePorts.enumerated() {
            guard let number, index < service.spec.ports.count else { continue }
            let port = service.spec.ports[index]
            if let wanted = port.requestedNodePort, wanted != number {
                auditor.note(.requests, "\(label) has port \(number) for \(wanted)")
            }
            if reckoning.owners[.nodePort(port.transport, number)] != service.id {
                auditor.note(.determinism, "\(label) has port \(number) and does not own it")
            }
        }
    }

    /// Nobody is reached through a node that may not offer there (invariant 36).
    private func examineEndpoints(of service: ServiceView, _ auditor: Auditor, _ label: String) {
        let offers = reckoning.offers[service.id] ?? []
        for endpoint in service.endpoints {
            let offered = Reckoning.Offered(node: endpoint.node, address: endpoint.address)
            if !offers.contains(offered) {
                auditor.note(.determinism, "\(label) has an endpoint that nobody offers")
            }
            guard let shelf = store.shelf(of: endpoint.node) else { continue }
            let certificate = shelf.content.certificate.content
            let isOwn =
                certificate.addresses.contains(endpoint.address)
                || certificate.podCIDRs.contains { $0.contains(endpoint.address) }
            if !isOwn { auditor.note(.containment, "\(label) is at \(endpoint.address)") }
        }
    }
}
