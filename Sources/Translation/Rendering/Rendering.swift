package import Registry
package import Vocabulary

/// The table that a view asks for, and what of the view could not go into it.
///
/// A pure function of its arguments: two machines with one view differ only in what
/// `LocalMachine` says.
package struct Rendering: Hashable, Sendable {
    package let table: TranslationTable
    /// Everything not named here is in the table; sorted.
    package let refusals: [Refusal]
    /// What this machine must answer who asks for the health of services: sorted by port.
    package let healthChecks: [HealthCheck]

    /// Up to so many endpoints rules carry a comment that names their service; above it they
    /// would cost the kernel more than the rules themselves.
    package static let commentedEndpoints = 1_000

    /// - Parameters:
    ///   - view: What the cluster offers.
    ///   - machine: Where the rules will be.
    ///   - family: The table of which address family; addresses of the other are left out.
    package init(
        of view: ClusterView,
        on machine: LocalMachine,
        family: IPAddress.Family = .v4
    ) {
        var renderer = Renderer()
        self = renderer.render(view, on: machine, family: family)
    }

    /// Of services that bring all this.
    init(_ shares: ServiceShares, in layout: Layout) {
        table = TranslationTable(nat: layout.nat(shares), filter: layout.filter(shares))
        refusals = shares.refusals
        healthChecks = shares.healthChecks
    }

    private init(_ table: TranslationTable) {
        self.table = table
        refusals = []
        healthChecks = []
    }

    /// Without a service range there are no rules.
    static let nothing = Rendering(TranslationTable.empty)
}

/// Something in a view that no rule was written for, and why.
package struct Refusal: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let service: ServiceName
    package let reason: Reason

    package enum Reason: Hashable, Sendable {
        /// The whole service is left out.
        case malformed(String)
        /// The service is left out at this address.
        case addressOutsideRange(IPAddress)
        /// The service is left out at this address and port.
        case addressTaken(SocketAddress, TransportProtocol, by: ServiceName)
        /// The service is left out at this NodePort.
        case nodePortOutsideRange(UInt16)
        /// The service is left out at this NodePort.
        case nodePortTaken(UInt16, TransportProtocol, by: ServiceName)
        /// The clients of the service do not stay with their endpoint.
        case clientsForgotten
        /// The service does without this endpoint.
        case unusableEndpoint(IPAddress)
    }

    package static func < (left: Refusal, right: Refusal) -> Bool {
        (left.service, left.description) < (right.service, right.description)
    }

    package var description: String {
        switch reason {
        case .malformed(let problem):
            "\(service): \(problem)"
        case .addressOutsideRange(let address):
            "\(service): \(address) is not in the service range"
        case .addressTaken(let place, let transport, let other):
            "\(service): \(place) \(transport.name) belongs to \(other)"
        case .nodePortOutsideRange(let port):
            "\(service): NodePort \(port) is not in the range for NodePorts"
        case .nodePortTaken(let port, let transport, let other):
            "\(service): NodePort \(port) \(transport.name) belongs to \(other)"
        case .clientsForgotten:
            "\(service): clients do not stay with their endpoint, since ipset is missing here"
        case .unusableEndpoint(let address):
            "\(service): no packet can be sent on to endpoint \(address)"
        }
    }
}
