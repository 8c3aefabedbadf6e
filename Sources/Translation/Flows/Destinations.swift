package import Vocabulary

/// Where the rules of a table lead: for every place that clients dial, the endpoints that a new
/// flow may get.
///
/// It is read from the rules and not from the view, so that it is true of a table that an earlier
/// run of the agent left in the kernel as well.
package struct Destinations: Hashable, Sendable {
    /// What a client dials.
    ///
    /// The address is kept in halves: Swift 6.3 puts a struct with an optional of 16 bytes where
    /// it is not aligned, and traps on it.
    package struct Place: Hashable, Comparable, Sendable {
        /// `nil` for a NodePort.
        private let family: IPAddress.Family?
        private let upper: UInt64
        private let lower: UInt64
        package let port: UInt16
        package let transport: TransportProtocol

        /// - Parameters:
        ///   - address: `nil` for a NodePort, which is every address of this machine but loopback
        ///     ones.
        ///   - port: What is dialled there.
        ///   - transport: TCP and UDP are two places.
        package init(_ address: IPAddress?, port: UInt16, _ transport: TransportProtocol) {
            family = address?.family
            let number = address?.number ?? 0
            upper = UInt64(truncatingIfNeeded: number >> 64)
            lower = UInt64(truncatingIfNeeded: number)
            self.port = port
            self.transport = transport
        }

        package var isNodePort: Bool { family == nil }

        package static func < (left: Place, right: Place) -> Bool { left.order < right.order }

        private var order: (UInt8, UInt64, UInt64, UInt16, UInt8) {
            (family?.rawValue ?? 0, upper, lower, port, transport.rawValue)
        }
    }

    private let transports: Set<TransportProtocol>
    private var targets: [Place: Set<SocketAddress>] = [:]
    /// The chain that each place leads to, and the places that lead to the chains of one service
    /// port, by `ChainName.portKey`.
    private var chains: [Place: String] = [:]
    private var places: [String: Set<Place>] = [:]

    /// Nothing is offered anywhere.
    ///
    /// - Parameter transports: What is dialled over others is left out.
    package init(over transports: Set<TransportProtocol> = Set(TransportProtocol.allCases)) {
        self.transports = transports
    }

    package init(
        of table: TranslationTable,
        over transports: Set<TransportProtocol> = Set(TransportProtocol.allCases)
    ) {
        self.init(over: transports)
        _ = follow(TableChange(from: .empty, to: table), in: table)
    }

    /// Takes the change from the table that this was made of to another one.
    ///
    /// - Returns: The places that lead elsewhere now, or nowhere, or did not before: sorted.
    package mutating func follow(_ change: TableChange, in table: TranslationTable) -> [Place] {
        var touched: Set<Place> = []
        for chain in change.nat.replaced {
            for (place, next) in ways(of: chain) {
                chains[place] = nil
                places[ChainName.portKey(of: next) ?? ""]?.remove(place)
                touched.insert(place)
            }
        }
        for chain in change.nat.changed {
            for (place, next) in ways(of: chain) {
                chains[place] = next
                places[ChainName.portKey(of: next) ?? "", default: []].insert(place)
                touched.insert(place)
            }
        }
        for port in change.ports { touched.formUnion(places[port] ?? []) }
        var reach = Reach(table.nat)
        return touched.sorted().filter { place in
            let now = chains[place].map { reach.endpoints(from: $0) }
            defer { targets[place] = now }
            return now != targets[place]
        }
    }

    /// The places that a chain of the dispatch is about, and where it sends who dials them.
    private func ways(of chain: Chain) -> [(Place, String)] {
        guard !ChainName.isOfService(chain.name) else { return [] }
        return chain.rules.compactMap { rule in
            guard let next = rule.destinationChain, let place = rule.place,
                transports.contains(place.transport)
            else { return nil }
            return (place, next)
        }
    }

    /// Who answers at a place; `nil` where it is none of ours.
    package func endpoints(at place: Place) -> Set<SocketAddress>? { targets[place] }

    /// The addresses of all endpoints that new flows may go to.
    package var addresses: Set<IPAddress> {
        var found: Set<IPAddress> = []
        for place in targets.keys.sorted() {
            for endpoint in targets[place] ?? [] { found.insert(endpoint.address) }
        }
        return found
    }

    /// The NodePorts in it, sorted.
    package var nodePorts: [Place] { targets.keys.filter(\.isNodePort).sorted() }
}

extension Rule {
    /// The one place that a rule of the dispatch is about, or `nil`.
    fileprivate var place: Destinations.Place? {
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
    private let section: TranslationTable.Section
    private var known: [String: Set<SocketAddress>] = [:]

    init(_ section: TranslationTable.Section) { self.section = section }

    mutating func endpoints(from name: String) -> Set<SocketAddress> {
        if let endpoints = known[name] { return endpoints }
        known[name] = []  // A circle, which the kernel does not allow, would end here.
        var endpoints: Set<SocketAddress> = []
        for rule in section.chain(named: name)?.rules ?? [] {
            if case .dnat(let endpoint) = rule.target { endpoints.insert(endpoint) }
            if let next = rule.destinationChain { endpoints.formUnion(self.endpoints(from: next)) }
        }
        known[name] = endpoints
        return endpoints
    }
}
