import Sodium
package import Vocabulary

/// All counting declarations of one service, and what they come to.
package struct ServiceTally: Sendable {
    package let name: ServiceName
    package let id: ServiceID
    /// By author, rising; each with its HEAD's certificate in force.
    package private(set) var declarations: [(author: NodeID, declaration: Declaration)] = []

    package init(name: ServiceName, id: ServiceID) {
        self.name = name
        self.id = id
    }

    mutating func add(_ declaration: Declaration, by author: NodeID) {
        declarations.append((author, declaration))
    }

    /// The spec in force: the whole spec of the greatest (revision, stamp, hash) (registry
    /// design, section 4).
    ///
    /// A stamp from the future waits until its time has come.
    package func winner(at now: WallTime) -> Declaration? {
        let horizon = now.milliseconds + 2000
        let due = declarations.map(\.declaration).filter { $0.specStamp.milliseconds <= horizon }
        let entrants = due.isEmpty ? declarations.map(\.declaration) : due
        return entrants.map { (rank: Rank($0), declaration: $0) }
            .max { $0.rank < $1.rank }?.declaration
    }

    private struct Rank: Comparable {
        let revision: UInt32
        let stamp: HybridTime
        let hash: Hash256

        init(_ declaration: Declaration) {
            revision = declaration.revision
            stamp = declaration.specStamp
            hash = BLAKE2b.hash256(declaration.spec.encoded)
        }

        static func < (left: Rank, right: Rank) -> Bool {
            (left.revision, left.stamp, left.hash) < (right.revision, right.stamp, right.hash)
        }
    }
}

/// What is declared now: the step between records and views.
package struct Tally: Sendable {
    /// By name, rising.
    package private(set) var services: [ServiceTally]
    package private(set) var book: AddressBook
    private var places: [ServiceID: Int]
    private let ranges: AddressRanges?

    /// Counts what is visible in a store at this time.
    package init(_ store: RecordStore, at now: WallTime) {
        var found: [ServiceID: ServiceTally] = [:]
        var order: [ServiceID] = []
        for author in store.authors {
            guard let shelf = store.shelf(of: author), shelf.isVisible(at: now) else { continue }
            let certificate = shelf.content.certificate.content
            var quota = Int(certificate.maximumServices)
            for record in store.records(of: author) {
                guard case .declaration(let declaration) = record.body, quota > 0,
                    declaration.adoptedFrom == nil,
                    certificate.allows(namespace: declaration.service.namespace)
                else { continue }
                quota -= 1
                let id = ServiceID(of: declaration.service, in: store.anchor.cluster)
                if found[id] == nil {
                    order.append(id)
                    found[id] = ServiceTally(name: declaration.service, id: id)
                }
                found[id]?.add(declaration, by: author)
            }
        }
        services = order.compactMap { found[$0] }.sorted { $0.name < $1.name }
        let ranges = store.settings?.ranges
        self.ranges = ranges
        book = AddressBook(
            services.flatMap { tally in
                tally.declarations.map { entry in
                    let claims = entry.declaration.claims.filter {
                        ranges?.admits($0.resource) ?? false
                    }
                    return (service: tally.id, claims: claims)
                }
            }
        )
        places = Dictionary(
            uniqueKeysWithValues: services.enumerated().map { ($0.element.id, $0.offset) }
        )
    }

    /// Counts one more declaration, of a service that nobody declared before.
    ///
    /// It comes after all others, whatever its name: a tally that grew is asked by id only.
    package mutating func add(_ declaration: Declaration, of id: ServiceID, by author: NodeID) {
        var tally = ServiceTally(name: declaration.service, id: id)
        tally.add(declaration, by: author)
        places[id] = services.count
        services.append(tally)
        book.add(id, declaration.claims.filter { ranges?.admits($0.resource) ?? false })
    }

    package subscript(id: ServiceID) -> ServiceTally? { places[id].map { services[$0] } }
}

extension AddressRanges {
    /// Whether a claim on this can count at all: it lies in the range, and is no address that
    /// means something else there.
    package func admits(_ resource: Resource) -> Bool {
        switch resource {
        case .address(let address):
            let last = serviceCIDR.family == .v4 ? UInt128(1) << UInt128(serviceCIDR.hostBits) : 0
            return serviceCIDR.contains(address) && address != serviceCIDR.base
                && (last == 0 || address.number != serviceCIDR.base.number + last - 1)
        case .nodePort(_, let port):
            return nodePorts.contains(port)
        }
    }
}
