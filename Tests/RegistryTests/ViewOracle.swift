// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Vocabulary

/// What a store comes to, worked out at once, from nothing, and with no care for time: what the
/// index must come to, whatever way it took.
///
/// It follows sections 4 and 5.3 of the registry design line by line, and shares no code with
/// the index.
struct ViewOracle {
    let store: RecordStore
    let now: WallTime

    struct Wish {
        let author: NodeID
        let declaration: Declaration
    }

    private func head(of author: NodeID) -> Head? {
        store.shelf(of: author)?.content
    }

    private func isRemembered(_ author: NodeID) -> Bool {
        guard let head = head(of: author) else { return false }
        return now.hour <= head.leaseEnd && head.certificate.content.isValid(at: now)
    }

    /// Every declaration that its author's quota leaves, of visible authors.
    private func allowed(of author: NodeID) -> [Declaration] {
        guard let exhibit = store.exhibit(of: author, at: now) else { return [] }
        let certificate = exhibit.head.certificate.content
        let all = exhibit.records.compactMap { record -> Declaration? in
            if case .declaration(let declaration) = record.body { declaration } else { nil }
        }
        let wishes = all.filter { $0.adoptedFrom == nil }
        let copies = all.filter { $0.adoptedFrom != nil }
        return Array((wishes + copies).prefix(Int(certificate.maximumServices)))
            .filter { certificate.allows(namespace: $0.service.namespace) }
    }

    private func isRetracted(_ declaration: Declaration) -> Bool {
        let service = ServiceID(of: declaration.service, in: store.anchor.cluster)
        for author in store.authors {
            guard let certificate = head(of: author)?.certificate.content, certificate.isAdmin,
                certificate.allows(namespace: declaration.service.namespace)
            else { continue }
            let records = store.exhibit(of: author, at: now)?.records
            for record in records ?? store.records(of: author) {
                guard case .retractions(let lines) = record.body else { continue }
                for line in lines
                where line.service == service && declaration.specStamp <= line.upTo { return true }
            }
        }
        return false
    }

    var wishes: [ServiceName: [Wish]] {
        var found: [ServiceName: [Wish]] = [:]
        for author in store.authors {
            for declaration in allowed(of: author) where !isRetracted(declaration) {
                if let origin = declaration.adoptedFrom, isRemembered(origin) { continue }
                found[declaration.service, default: []]
                    .append(Wish(author: author, declaration: declaration))
            }
        }
        return found
    }

    static func winner(_ wishes: [Wish], at now: WallTime) -> ServiceSpec {
        let due = wishes.filter { $0.declaration.specStamp.milliseconds <= now.milliseconds + 2000 }
        let ranked = (due.isEmpty ? wishes : due).map(\.declaration).sorted { left, right in
            if left.revision != right.revision { return left.revision > right.revision }
            if left.specStamp != right.specStamp { return left.specStamp > right.specStamp }
            return BLAKE2b.hash256(left.spec.encoded) > BLAKE2b.hash256(right.spec.encoded)
        }
        return ranked[0].spec
    }

    /// The oldest claim of each service on each place.
    func bids(_ wishes: [ServiceName: [Wish]]) -> [Resource: [ServiceName: HybridTime]] {
        var bids: [Resource: [ServiceName: HybridTime]] = [:]
        for (name, wishes) in wishes {
            for claim in wishes.flatMap(\.declaration.claims)
            where store.settings!.ranges.admits(claim.resource) {
                let known = bids[claim.resource]?[name] ?? claim.stamp
                bids[claim.resource, default: [:]][name] = min(known, claim.stamp)
            }
        }
        return bids
    }

    func owner(_ bids: [ServiceName: HybridTime]) -> ServiceName? {
        bids.min { left, right in
            if left.value != right.value { return left.value < right.value }
            func lot(_ name: ServiceName) -> UInt128 {
                BLAKE2b.hash128(ServiceID(of: name, in: store.anchor.cluster).bytes)
            }
            return lot(left.key) < lot(right.key)
        }?.key
    }

    /// All services with their addresses, by name.
    func services(standing: (NodeID) -> NodeStanding) -> [Seen] {
        let wishes = wishes
        let bids = bids(wishes)
        return wishes.keys.sorted().map { name in
            let spec = Self.winner(wishes[name]!, at: now)
            let owned = bids.filter { owner($0.value) == name }
                .map { (resource: $0.key, stamp: $0.value[name]!) }
                .sorted { ($0.stamp, $0.resource) < ($1.stamp, $1.resource) }
            let addresses = owned.compactMap { entry -> IPAddress? in
                if case .address(let address) = entry.resource { address } else { nil }
            }
            let primaries = spec.families.compactMap { family -> IPAddress? in
                let mine = addresses.filter { $0.family == family }
                return mine.first { $0 == spec.fixedAddress(in: family) } ?? mine.first
            }
            return Seen(
                name: name,
                spec: spec,
                primaries: spec.requiresAddress ? primaries : [],
                others: spec.requiresAddress ? Set(addresses).subtracting(primaries) : [],
                declaredBy: Set(wishes[name]!.map(\.author)),
                endpoints: endpoints(of: name, standing: standing)
            )
        }
    }

    struct Seen: Equatable {
        let name: ServiceName
        let spec: ServiceSpec
        let primaries: [IPAddress]
        let others: Set<IPAddress>
        let declaredBy: Set<NodeID>
        let endpoints: Set<EndpointView>
    }

    private func endpoints(
        of name: ServiceName,
        standing: (NodeID) -> NodeStanding
    ) -> Set<EndpointView> {
        let service = ServiceID(of: name, in: store.anchor.cluster)
        var all: Set<EndpointView> = []
        for author in store.authors where standing(author) != .gone {
            for record in store.exhibit(of: author, at: now)?.records ?? [] {
                guard case .endpoints(let entries) = record.body else { continue }
                for entry in entries where entry.service == service {
                    for endpoint in entry.endpoints {
                        all.insert(
                            EndpointView(
                                node: author,
                                address: endpoint.address,
                                ports: entry.ports,
                                conditions: endpoint.conditions,
                                hostname: endpoint.hostname,
                                isSuspect: standing(author) == .suspect
                            )
                        )
                    }
                }
            }
        }
        return all
    }
}

extension ViewOracle.Seen {
    /// A view of the index in the same words.
    init(_ view: ServiceView) {
        self.init(
            name: view.name,
            spec: view.spec,
            primaries: view.clusterIPs,
            others: Set(view.aliases),
            declaredBy: Set(view.declaredBy),
            endpoints: Set(view.endpoints)
        )
    }
}
