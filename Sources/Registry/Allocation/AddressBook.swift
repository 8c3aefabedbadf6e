import Sodium
package import Vocabulary

/// Who owns which address and port, as a pure function of the declarations that are visible:
/// equal declarations give equal books everywhere (registry design, section 5.3).
package struct AddressBook: Sendable {
    /// One service's holds, least first.
    private var holds: [ServiceID: [Hold]] = [:]
    private var owners: [Resource: Hold] = [:]

    package struct Hold: Hashable, Comparable, Sendable {
        package let service: ServiceID
        package let claim: Claim
        /// Breaks ties between services without favour to low names.
        private let lot: UInt128

        init(service: ServiceID, claim: Claim) {
            self.service = service
            self.claim = claim
            lot = BLAKE2b.hash128(service.bytes)
        }

        /// Least wins.
        ///
        /// Resource and port come last: they order one service's own holds.
        package static func < (left: Hold, right: Hold) -> Bool {
            (left.claim.stamp, left.lot, left.claim.resource, left.claim.portIndex)
                < (right.claim.stamp, right.lot, right.claim.resource, right.claim.portIndex)
        }
    }

    package init() {}

    /// - Parameter declarations: In any order; two with the same content count as one.
    package init(_ declarations: [(service: ServiceID, claims: [Claim])]) {
        for (service, claims) in declarations { add(service, claims) }
    }

    mutating func add(_ service: ServiceID, _ claims: [Claim]) {
        for claim in claims { add(Hold(service: service, claim: claim)) }
    }

    private mutating func add(_ hold: Hold) {
        let resource = hold.claim.resource
        if owners[resource].map({ hold < $0 }) ?? true { owners[resource] = hold }
        var mine = holds[hold.service] ?? []
        if let place = mine.firstIndex(where: {
            $0.claim.resource == resource && $0.claim.portIndex == hold.claim.portIndex
        }) {
            // Several declarers of one service may hold one place: the oldest hold counts.
            guard hold < mine[place] else { return }
            mine.remove(at: place)
        }
        mine.insert(hold, at: mine.partitioningIndex { $0 > hold })
        holds[hold.service] = mine
    }

    /// Whose a place is; `nil` where nobody claims it.
    package func owner(of resource: Resource) -> ServiceID? { owners[resource]?.service }

    /// A service's holds that no other service beats, least first.
    package func owned(by service: ServiceID) -> [Claim] {
        (holds[service] ?? []).map(\.claim).filter { owner(of: $0.resource) == service }
    }

    /// A service's holds on what belongs to another service, least first.
    package func lost(by service: ServiceID) -> [Claim] {
        (holds[service] ?? []).map(\.claim).filter { owner(of: $0.resource) != service }
    }

    /// Whether another service holds a place: a loser's hold always stands beside an owner's, so
    /// the owner tells enough.
    package func isTaken(_ resource: Resource, from service: ServiceID) -> Bool {
        owner(of: resource).map { $0 != service } ?? false
    }
}

extension AddressBook {
    /// What a service has of what its spec asks for.
    package struct Allotment: Hashable, Sendable {
        /// The fixed address asked for, if owned; else the oldest one owned.
        package var primary: IPAddress?
        /// Further addresses owned, sorted.
        package var aliases: [IPAddress]
        /// One for each port of the spec.
        package var nodePorts: [UInt16?]
    }

    /// What a service has now of the places that its spec asks for.
    package func allotment(of service: ServiceID, spec: ServiceSpec) -> Allotment {
        let owned = owned(by: service)
        let addresses = owned.compactMap { claim -> IPAddress? in
            if case .address(let address) = claim.resource { address } else { nil }
        }
        var primary = addresses.first
        switch spec.addressRequest {
        case .any: break
        case .headless: primary = nil
        case .fixed(let wanted): primary = addresses.contains(wanted) ? wanted : nil
        }
        let aliases: [IPAddress] =
            switch spec.addressRequest {
            case .headless: []
            case .any, .fixed: addresses.filter { $0 != primary }.sorted()
            }
        return Allotment(
            primary: primary,
            aliases: aliases,
            nodePorts: spec.type == .nodePort
                ? nodePorts(for: spec, of: owned) : spec.ports.map { _ in nil }
        )
    }

    /// One packet cannot go to two ports of a service, so each NodePort is given once: to who
    /// asks for it by number, else to the first.
    private func nodePorts(for spec: ServiceSpec, of owned: [Claim]) -> [UInt16?] {
        var given = spec.requestedNodePorts
        return spec.ports.enumerated().map { index, port in
            let mine = owned.compactMap { claim -> UInt16? in
                guard case .nodePort(port.transport, let number) = claim.resource,
                    Int(claim.portIndex) == index
                else { return nil }
                return number
            }
            if let wanted = port.requestedNodePort { return mine.contains(wanted) ? wanted : nil }
            let number = mine.first { !given.contains(.nodePort(port.transport, $0)) }
            if let number { given.append(.nodePort(port.transport, number)) }
            return number
        }
    }
}
