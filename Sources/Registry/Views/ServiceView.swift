package import Vocabulary

/// One service as this node sees it.
///
/// Ten thousand of them are copied with every view, so that a copy costs one reference and no
/// more.
package struct ServiceView: Sendable {
    private let content: Content

    private final class Content: Sendable {
        let name: ServiceName
        let id: ServiceID
        let spec: ServiceSpec
        let clusterIPs: [IPAddress]
        let aliases: [IPAddress]
        let nodePorts: [UInt16?]
        let endpoints: [EndpointView]
        let declaredBy: [NodeID]
        let troubles: [ServiceTrouble]

        init(
            name: ServiceName,
            id: ServiceID,
            spec: ServiceSpec,
            clusterIPs: [IPAddress],
            aliases: [IPAddress],
            nodePorts: [UInt16?],
            endpoints: [EndpointView],
            declaredBy: [NodeID],
            troubles: [ServiceTrouble]
        ) {
            self.name = name
            self.id = id
            self.spec = spec
            self.clusterIPs = clusterIPs
            self.aliases = aliases
            self.nodePorts = nodePorts
            self.endpoints = endpoints
            self.declaredBy = declaredBy
            self.troubles = troubles
        }
    }

    package init(
        name: ServiceName,
        id: ServiceID,
        spec: ServiceSpec,
        clusterIPs: [IPAddress],
        aliases: [IPAddress] = [],
        nodePorts: [UInt16?],
        endpoints: [EndpointView],
        declaredBy: [NodeID] = [],
        troubles: [ServiceTrouble] = []
    ) {
        content = Content(
            name: name,
            id: id,
            spec: spec,
            clusterIPs: clusterIPs,
            aliases: aliases.sorted(),
            nodePorts: nodePorts,
            endpoints: endpoints.sorted(),
            declaredBy: declaredBy.sorted(),
            troubles: troubles.sorted()
        )
    }

    /// A service of one family of addresses.
    package init(
        name: ServiceName,
        id: ServiceID,
        spec: ServiceSpec,
        clusterIP: IPAddress?,
        aliases: [IPAddress] = [],
        nodePorts: [UInt16?],
        endpoints: [EndpointView],
        declaredBy: [NodeID] = [],
        troubles: [ServiceTrouble] = []
    ) {
        self.init(
            name: name,
            id: id,
            spec: spec,
            clusterIPs: clusterIP.map { [$0] } ?? [],
            aliases: aliases,
            nodePorts: nodePorts,
            endpoints: endpoints,
            declaredBy: declaredBy,
            troubles: troubles
        )
    }
}

extension ServiceView {
    package var name: ServiceName { content.name }
    package var id: ServiceID { content.id }
    /// Byte-exactly the spec of one counting declaration.
    package var spec: ServiceSpec { content.spec }
    /// The addresses people are told, at most one of each family, in the order of the spec: none
    /// where it is headless, another name, still pending, or where none is free.
    package var clusterIPs: [IPAddress] { content.clusterIPs }
    /// The first of `clusterIPs`.
    package var clusterIP: IPAddress? { content.clusterIPs.first }
    /// Further addresses it owns, sorted: they answer too until they are drained.
    package var aliases: [IPAddress] { content.aliases }
    /// One for each of `spec.ports`, `nil` where there is none (yet).
    package var nodePorts: [UInt16?] { content.nodePorts }
    /// Sorted by (node, address, ports).
    ///
    /// Endpoints of dead nodes are not here.
    package var endpoints: [EndpointView] { content.endpoints }
    /// Who declares it, sorted.
    package var declaredBy: [NodeID] { content.declaredBy }
    /// What is not as the spec asks, sorted.
    package var troubles: [ServiceTrouble] { content.troubles }

    /// Every address that answers for it: those people are told first, then the aliases.
    package var addresses: [IPAddress] { clusterIPs + aliases }

    /// The address people are told in a family.
    package func clusterIP(in family: IPAddress.Family) -> IPAddress? {
        clusterIPs.first { $0.family == family }
    }
}

extension ServiceView: Hashable {
    package static func == (left: ServiceView, right: ServiceView) -> Bool {
        left.content === right.content
            || left.name == right.name && left.id == right.id && left.spec == right.spec
                && left.clusterIPs == right.clusterIPs && left.aliases == right.aliases
                && left.nodePorts == right.nodePorts && left.endpoints == right.endpoints
                && left.declaredBy == right.declaredBy && left.troubles == right.troubles
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(clusterIPs)
        hasher.combine(endpoints)
    }
}
