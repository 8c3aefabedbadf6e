import Registry
import Vocabulary

/// The names of one service: its own, and those below it.
///
/// A name's holding is made when somebody asks for it: most services are asked for by few names.
struct ServiceNames {
    let service: ServiceView
    let zone: Zone
    let tree: Tree

    /// Two names lead to each service.
    enum Tree: Sendable {
        /// `svc`: as Kubernetes has it.
        case services
        /// `ep`: the endpoints, whatever kind of service it is, as if it were headless.
        case endpoints

        var label: String { self == .services ? "svc" : "ep" }
    }

    /// `web.default.svc.cluster.local`; `nil` where that is too long for a name.
    private var ownName: DomainName? {
        DomainName("\(service.name.name).\(service.name.namespace).\(tree.label)")?
            .under(zone.name)
    }

    /// What the service's own address leads back to.
    var ownNames: [DomainName] { ownName.map { [$0] } ?? [] }

    private var isExternal: Bool { service.spec.type == .externalName }

    /// Whether its name stands for its endpoints, and not for an address of its own.
    private var listsEndpoints: Bool {
        tree == .endpoints || service.spec.addressRequest == .headless
    }

    /// Endpoints that count, also those of suspected nodes.
    private var ready: [EndpointView] { service.endpoints.filter(service.countsAsReady) }

    /// Those that are named where many could be: as in the table, suspected nodes only where
    /// there are no others.
    private var preferred: [EndpointView] {
        let healthy = ready.filter { !$0.isSuspect }
        return healthy.isEmpty ? ready : healthy
    }

    /// What a name below the service's own has, or its own where there are no labels before it.
    ///
    /// - Parameters:
    ///   - labels: Before the service's name, the leftmost first.
    ///   - node: The node that a label names.
    /// - Returns: `nil` where there is no such name.
    func holding(_ labels: [String], node: (String) -> NodeID?) -> Holding? {
        guard !isExternal else { return labels.isEmpty && tree == .services ? external : nil }
        switch labels.count {
        case 0:
            return own
        case 1:
            if labels[0].hasPrefix("_") { return hasPorts(labels[0]) ? .empty : nil }
            return instance(labels[0]) ?? node(labels[0]).flatMap(instance(on:))
        case 2:
            return locations(port: labels[0], transport: labels[1])
        default:
            return nil
        }
    }

    private var external: Holding {
        let target = DomainName(service.spec.externalName).map { [RecordSet.Entry.name($0)] } ?? []
        return Holding([RecordSet(.cname, timeToLive: Zone.addressSeconds, target)])
    }

    private var own: Holding? {
        guard listsEndpoints else { return Holding(Self.sets(of: service.clusterIPs)) }
        let addresses = preferred.map(\.address)
        return addresses.isEmpty ? nil : Holding(Self.sets(of: addresses))
    }

    /// Endpoints of a hostname.
    private func instance(_ label: String) -> Holding? {
        guard listsEndpoints else { return nil }
        let addresses = ready.filter { $0.hostLabel == label }.map(\.address)
        return addresses.isEmpty ? nil : Holding(Self.sets(of: addresses))
    }

    /// Endpoints on a node.
    private func instance(on node: NodeID) -> Holding? {
        let addresses = ready.filter { $0.node == node }.map(\.address)
        return addresses.isEmpty ? nil : Holding(Self.sets(of: addresses))
    }

    /// One record for each address, those of a family together; none twice.
    static func sets(of addresses: [IPAddress]) -> [RecordSet] {
        var families: [IPAddress.Family: [RecordSet.Entry]] = [:]
        var seen: Set<IPAddress> = []
        for address in addresses where seen.insert(address).inserted {
            families[address.family, default: []].append(.address(address.bytes))
        }
        return [(.a, .v4), (.aaaa, .v6)].map { (type: RecordType, family: IPAddress.Family) in
            RecordSet(type, timeToLive: Zone.addressSeconds, families[family] ?? [])
        }
    }

    // MARK: Ports

    /// The ports that have a name of their own, `_http._tcp`.
    private func ports(_ transport: String) -> [(label: String, port: ServicePort)] {
        service.spec.ports.compactMap { port in
            guard port.transport.label == transport else { return nil }
            if !port.name.isEmpty { return ("_\(port.name)", port) }
            // Kubernetes names none; an endpoint list would be of no use without.
            return tree == .endpoints ? ("_\(port.port)", port) : nil
        }
    }

    private func hasPorts(_ transport: String) -> Bool {
        !ports(transport).isEmpty && (!listsEndpoints || !ready.isEmpty)
    }

    private func locations(port label: String, transport: String) -> Holding? {
        guard let port = ports(transport).first(where: { $0.label == label })?.port,
            let ownName
        else { return nil }
        guard listsEndpoints else {
            let entry = RecordSet.Entry.service(
                priority: 0,
                weight: 100,
                port: port.port,
                target: ownName
            )
            return Holding(
                [RecordSet(.srv, timeToLive: Zone.addressSeconds, [entry])],
                glue: Self.sets(of: service.clusterIPs).map { (ownName, $0) }
            )
        }
        var entries: [RecordSet.Entry] = []
        var glue: [(name: DomainName, set: RecordSet)] = []
        for endpoint in preferred {
            guard let number = endpoint.port(for: port),
                let target = ownName.prefixed(by: endpoint.hostLabel)
            else { continue }
            let entry = RecordSet.Entry.service(
                priority: 0,
                // Weights have 16 bits; who divides them to eight has ours again.
                weight: UInt16(endpoint.weight) << 8,
                port: number,
                target: target
            )
            if !entries.contains(entry) { entries.append(entry) }
            for set in Self.sets(of: [endpoint.address]) where !set.entries.isEmpty {
                glue.append((target, set))
            }
        }
        guard !entries.isEmpty else { return nil }
        return Holding([RecordSet(.srv, timeToLive: Zone.addressSeconds, entries)], glue: glue)
    }

    /// The names that an endpoint's address leads back to.
    func names(of address: IPAddress) -> [DomainName] {
        guard tree == .services, service.spec.addressRequest == .headless, !isExternal, let ownName
        else { return [] }
        return ready.filter { $0.address == address }.compactMap {
            ownName.prefixed(by: $0.hostLabel)
        }
    }
}

extension EndpointView {
    /// Its hostname, or its address with hyphens as CoreDNS writes it: `10-1-2-5`, `fd00-1--5`.
    var hostLabel: String { hostname.isEmpty ? address.dashed : hostname }
}

extension IPAddress {
    /// As one label.
    var dashed: String {
        String(
            decoding: description.utf8.map { letter in
                letter == UInt8(ascii: ".") || letter == UInt8(ascii: ":")
                    ? UInt8(ascii: "-") : letter
            },
            as: UTF8.self
        )
    }

    /// Reads `10-1-2-5` and `fd00-1--5`.
    init?(dashed label: String) {
        let parts = label.split(separator: "-", omittingEmptySubsequences: false)
        let isV4 = parts.count == 4 && parts.allSatisfy { UInt8(plainDecimal: $0) != nil }
        self.init(parts.joined(separator: isV4 ? "." : ":"))
    }
}

extension TransportProtocol {
    /// As SRV names it (RFC 2782).
    fileprivate var label: String { self == .tcp ? "_tcp" : "_udp" }
}
