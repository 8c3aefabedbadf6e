package import Vocabulary

/// A flow that the kernel remembers, and follows without asking the rules again.
package struct TrackedFlow: Hashable, Sendable {
    package let transport: TransportProtocol
    /// Where the client sent it.
    package let destination: SocketAddress
    /// Who gets it: `destination` itself where it was not translated.
    package let target: SocketAddress

    package init(
        _ transport: TransportProtocol,
        to destination: SocketAddress,
        reaching target: SocketAddress
    ) {
        self.transport = transport
        self.destination = destination
        self.target = target
    }
}

/// Decides which flows the kernel must forget, from nothing but what is offered: not from what
/// changed, which an agent that was not running does not know.
///
/// A flow of UDP never ends while its client sends, so one that leads to an endpoint that is gone,
/// or past a service that came later, is a black hole until somebody forgets it (kubernetes
/// #139628, #141371, #126468). TCP notices by itself.
package struct FlowJudge: Sendable {
    private let ranges: [CIDR]
    private let offered: Destinations
    private let formerNodePorts: Set<Destinations.Place>
    private let ownAddresses: Set<IPAddress>

    /// - Parameters:
    ///   - ranges: The service ranges; every address in them is ours.
    ///   - offered: What the kernel's rules say now.
    ///   - formerNodePorts: NodePorts that were ours since flows were last looked at; the numbers
    ///     of others between them are somebody else's affair.
    ///   - ownAddresses: The addresses of this machine.
    package init(
        ranges: [CIDR],
        offered: Destinations,
        formerNodePorts: [Destinations.Place],
        ownAddresses: [IPAddress]
    ) {
        self.ranges = ranges
        self.offered = offered
        self.formerNodePorts = Set(formerNodePorts)
        self.ownAddresses = Set(ownAddresses)
    }

    /// Whether a flow leads elsewhere than the rules would lead it now.
    package func isStale(_ flow: TrackedFlow) -> Bool {
        guard flow.transport == .udp else { return false }
        let address = flow.destination.address
        let port = flow.destination.port
        if ranges.contains(where: { $0.contains(address) }) {
            let place = Destinations.Place(address, port: port, .udp)
            return offered.endpoints(at: place)?.contains(flow.target) != true
        }
        // A loopback address never was a NodePort.
        guard ownAddresses.contains(address), !address.isLoopback else { return false }
        let place = Destinations.Place(nil, port: port, .udp)
        if let endpoints = offered.endpoints(at: place) { return !endpoints.contains(flow.target) }
        // Nobody's number any more: what was translated is of the service that had it; what was
        // not is a local program's, which may have it now.
        return formerNodePorts.contains(place) && flow.target != flow.destination
    }
}
