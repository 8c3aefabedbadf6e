package import Vocabulary

/// What membership says of a node, as far as its endpoints are concerned.
package enum NodeStanding: Hashable, Sendable {
    case working
    /// New flows avoid its endpoints while others are ready.
    case suspect
    /// Its endpoints are not there.
    case gone
}

extension ClusterView {
    /// What follows from a store and from membership at this time.
    ///
    /// - Returns: `nil` while the cluster's settings are not known.
    package init?(
        of store: RecordStore,
        tally: Tally,
        at now: WallTime,
        standing: (NodeID) -> NodeStanding
    ) {
        guard let settings = store.settings else { return nil }
        var nodes: [NodeView] = []
        var offers: [ServiceID: [EndpointView]] = [:]
        for author in store.authors {
            guard let shelf = store.shelf(of: author), shelf.isVisible(at: now) else { continue }
            let certificate = shelf.content.certificate.content
            nodes.append(
                NodeView(
                    id: author,
                    name: certificate.name,
                    addresses: certificate.addresses,
                    podCIDRs: certificate.podCIDRs
                )
            )
            let standing = standing(author)
            guard standing != .gone else { continue }
            for record in store.records(of: author) {
                guard case .endpoints(let entries) = record.body else { continue }
                for entry in entries {
                    offers[entry.service, default: []] += entry.views(
                        of: author,
                        isSuspect: standing == .suspect,
                        allowed: certificate
                    )
                }
            }
        }
        let services = tally.services.compactMap { service -> ServiceView? in
            guard let winner = service.winner(at: now) else { return nil }
            return ServiceView(
                service,
                winner: winner,
                book: tally.book,
                endpoints: offers[service.id] ?? []
            )
        }
        self.init(
            cluster: store.anchor.cluster,
            clusterName: settings.name,
            ranges: settings.ranges,
            services: services,
            nodes: nodes
        )
    }
}

extension EndpointEntry {
    fileprivate func views(
        of node: NodeID,
        isSuspect: Bool,
        allowed certificate: Certificate.Content
    ) -> [EndpointView] {
        endpoints.filter { certificate.allows(endpoint: $0.address) }.map { endpoint in
            EndpointView(
                node: node,
                address: endpoint.address,
                ports: ports,
                conditions: endpoint.conditions,
                hostname: endpoint.hostname,
                isSuspect: isSuspect
            )
        }
    }
}

extension ServiceView {
    fileprivate init(
        _ tally: ServiceTally,
        winner: Declaration,
        book: AddressBook,
        endpoints: [EndpointView]
    ) {
        let spec = winner.spec
        let allotment = book.allotment(of: tally.id, spec: spec)
        var troubles: [ServiceTrouble] = []
        if spec.addressRequest != .headless, allotment.primary == nil {
            if case .fixed(let wanted) = spec.addressRequest,
                book.isTaken(.address(wanted), from: tally.id)
            {
                troubles.append(.addressConflict)
            } else {
                let claimed = tally.declarations.contains { entry in
                    entry.declaration.claims.contains { $0.resource.kind <= 2 }
                }
                troubles.append(claimed ? .addressPending : .noAddress)
            }
        }
        if spec.type == .nodePort, allotment.nodePorts.contains(nil) {
            troubles.append(.nodePortPending)
        }
        if tally.declarations.contains(where: { $0.declaration.spec != spec }) {
            troubles.append(.specConflict)
        }
        // Sets of several declarations of one endpoint set are a union.
        let unique = endpoints.sorted().reduce(into: [EndpointView]()) { kept, endpoint in
            if kept.last != endpoint { kept.append(endpoint) }
        }
        self.init(
            name: tally.name,
            id: tally.id,
            spec: spec,
            clusterIP: allotment.primary,
            aliases: allotment.aliases,
            nodePorts: allotment.nodePorts,
            endpoints: unique,
            declaredBy: tally.declarations.map(\.author),
            troubles: troubles
        )
    }
}
