import Registry
import Sodium
import Vocabulary

/// Who owns what, worked out again from the records that a store shows, in the plainest way
/// (registry design, sections 4 and 5.3).
///
/// It shares nothing with the code that agents run but the reading of records.
struct Reckoning {
    struct Wish {
        let author: NodeID
        let declaration: Declaration
    }

    /// By service.
    private(set) var wishes: [ServiceID: [Wish]] = [:]
    private(set) var names: [ServiceID: ServiceName] = [:]
    private(set) var owners: [Resource: ServiceID] = [:]
    /// Every place that anybody claims, and for whom.
    private(set) var claimants: [Resource: Set<ServiceID>] = [:]
    private(set) var offers: [ServiceID: Set<Offered>] = [:]

    struct Offered: Hashable {
        let node: NodeID
        let address: IPAddress
    }

    init(_ store: RecordStore, at now: WallTime) {
        let shown = store.authors.compactMap { author in
            store.exhibit(of: author, at: now).map { (author: author, exhibit: $0) }
        }
        // Whoever said goodbye, too: its wishes are gone by its own word, until its lease ends.
        let hour = (store.leaseTime ?? now).hour
        let present = Set(
            store.authors.filter { author in
                store.shelf(of: author).map { $0.leaseEnd >= hour } ?? false
            }
        )
        let ranges = store.settings?.ranges
        var best: [Resource: (HybridTime, UInt128, ServiceID)] = [:]
        for (author, exhibit) in shown {
            let certificate = exhibit.head.certificate.content
            var room = Int(certificate.maximumServices)
            for record in exhibit.records {
                switch record.body {
                case .declaration(let declaration):
                    if let origin = declaration.adoptedFrom, present.contains(origin) { continue }
                    guard room > 0 else { continue }
                    room -= 1
                    let service = ServiceID(of: declaration.service, in: store.anchor.cluster)
                    names[service] = declaration.service
                    wishes[service, default: []].append(
                        Wish(author: author, declaration: declaration)
                    )
                    let lot = BLAKE2b.hash128(service.bytes)
                    for claim in declaration.claims
                    where ranges?.admits(claim.resource) == true {
                        claimants[claim.resource, default: []].insert(service)
                        if let other = best[claim.resource],
                            (other.0, other.1) <= (claim.stamp, lot)
                        {
                            continue
                        }
                        best[claim.resource] = (claim.stamp, lot, service)
                    }
                case .endpoints(let entries):
                    for entry in entries {
                        for endpoint in entry.endpoints {
                            offers[entry.service, default: []].insert(
                                Offered(node: author, address: endpoint.address)
                            )
                        }
                    }
                case .head, .manifest, .releases, .retractions, .cluster, .revocation, .fault:
                    break
                }
            }
        }
        owners = best.mapValues(\.2)
    }

    /// The addresses that a service owns.
    func addresses(of service: ServiceID) -> Set<IPAddress> {
        var owned: Set<IPAddress> = []
        for wish in wishes[service] ?? [] {
            for claim in wish.declaration.claims where owners[claim.resource] == service {
                if case .address(let address) = claim.resource { owned.insert(address) }
            }
        }
        return owned
    }

    /// The address that people should be told: the one held longest.
    func oldest(of service: ServiceID) -> IPAddress? {
        var claims: [(stamp: HybridTime, resource: Resource, address: IPAddress)] = []
        for wish in wishes[service] ?? [] {
            for claim in wish.declaration.claims where owners[claim.resource] == service {
                guard case .address(let address) = claim.resource else { continue }
                claims.append((claim.stamp, claim.resource, address))
            }
        }
        return claims.min { ($0.stamp, $0.resource) < ($1.stamp, $1.resource) }?.address
    }

    /// Whether another service claims a place.
    func isClaimed(_ resource: Resource, besides service: ServiceID) -> Bool {
        claimants[resource]?.contains { $0 != service } ?? false
    }
}
