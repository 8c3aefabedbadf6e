package import Vocabulary

/// Where the rules of a table lead: for every place that clients dial, the endpoints that a new
/// flow may get.
///
/// It is read from the rules and not from the view, so that it is true of a table that an earlier
/// run of the agent left in the kernel as well.
package struct Destinations: Hashable, Sendable {
    /// What a client dials.
    package struct Place: Hashable, Comparable, Sendable {
        /// `nil` for a NodePort, which is every address of this machine but loopback ones.
        package let address: IPAddress?
        package let port: UInt16
        package let transport: TransportProtocol

        package init(_ address: IPAddress?, port: UInt16, _ transport: TransportProtocol) {
            self.address = address
            self.port = port
            self.transport = transport
        }

        package static func < (left: Place, right: Place) -> Bool {
            if left.address != right.address {
                guard let first = left.address else { return true }
                guard let second = right.address else { return false }
                return first < second
            }
            return (left.port, left.transport) < (right.port, right.transport)
        }
    }

    /// A place that clients are turned away from is here too, with nobody.
    private var targets: [Place: Set<SocketAddress>] = [:]
    private var everyTarget: Set<SocketAddress> = []

    /// Nothing is offered anywhere.
    package init() {}

    package init(of table: TranslationTable) {
        var reach = Reach(table.nat)
        for chain in table.nat.chains {
            for rule in chain.rules {
                guard let place = rule.place, let next = rule.destinationChain else { continue }
                add(reach.endpoints(from: next), at: place)
            }
        }
        // NodePorts without endpoints have a rule that turns clients away.
        for chain in table.filter.chains {
            for rule in chain.rules {
                if case .reject = rule.target, let place = rule.place { add([], at: place) }
            }
        }
    }

    private mutating func add(_ endpoints: Set<SocketAddress>, at place: Place) {
        targets[place, default: []].formUnion(endpoints)
        everyTarget.formUnion(endpoints)
    }

    /// Who answers at a place; `nil` where it is none of ours.
    package func endpoints(at place: Place) -> Set<SocketAddress>? { targets[place] }

    /// Whether new flows may go to an endpoint, from any place.
    package func offers(_ endpoint: SocketAddress) -> Bool { everyTarget.contains(endpoint) }

    /// The addresses of all endpoints that new flows may go to.
    package var addresses: Set<IPAddress> { Set(everyTarget.sorted().map(\.address)) }

    /// The NodePorts in it, with or without endpoints; sorted.
    package var nodePorts: [Place] { targets.keys.filter { $0.address == nil }.sorted() }

    /// Whether UDP can go anywhere: only then flows need be looked at.
    package var hasUDP: Bool { targets.keys.contains { $0.transport == .udp } }
}

extension Rule {
    /// The one place that a rule of the dispatch is about, or `nil`.
    fileprivate var place: Destinations.Place? {
        // Not in one loop over both: Swift 6.3 puts the address where it is not aligned then.
        guard let dialled = matches.lazy.compactMap(\.onePort).first else { return nil }
        let address = matches.lazy.compactMap(\.oneAddress).first
        return Destinations.Place(address, port: dialled.port, dialled.transport)
    }
}

extension Match {
    fileprivate var oneAddress: IPAddress? {
        guard case .destination(let range, let isNegated) = self, !isNegated, range.hostBits == 0
        else { return nil }
        return range.base
    }

    fileprivate var onePort: (transport: TransportProtocol, port: UInt16)? {
        guard case .ports(let transport, let ports) = self, ports.count == 1 else { return nil }
        return (transport, ports.lowerBound)
    }
}

/// Which endpoints the chains of a table lead to, each chain walked once.
private struct Reach {
    private var chains: [String: Chain] = [:]
    private var known: [String: Set<SocketAddress>] = [:]

    init(_ section: TranslationTable.Section) {
        for chain in section.chains { chains[chain.name] = chain }
    }

    mutating func endpoints(from name: String) -> Set<SocketAddress> {
        if let endpoints = known[name] { return endpoints }
        known[name] = []  // A circle, which the kernel does not allow, would end here.
        var endpoints: Set<SocketAddress> = []
        for rule in chains[name]?.rules ?? [] {
            if case .dnat(let endpoint) = rule.target { endpoints.insert(endpoint) }
            if let next = rule.destinationChain { endpoints.formUnion(self.endpoints(from: next)) }
        }
        known[name] = endpoints
        return endpoints
    }
}
