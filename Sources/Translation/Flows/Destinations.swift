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

    /// The NodePorts in it, sorted.
    package var nodePorts: [Place] { targets.keys.filter(\.isNodePort).sorted() }

    /// Whether UDP can go anywhere: only then flows need be looked at.
    package var hasUDP: Bool { targets.keys.contains { $0.transport == .udp } }
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
