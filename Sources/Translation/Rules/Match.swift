package import Vocabulary

/// One condition of a rule.
package enum Match: Hashable, Sendable {
    case source(CIDR, isNegated: Bool = false)
    case destination(CIDR, isNegated: Bool = false)
    /// The interface a packet came in by; a name that ends in `+` stands for all that begin so.
    case interface(String, isNegated: Bool = false)
    case transport(TransportProtocol)
    /// A protocol that no service has, as iptables names it.
    case otherTransport(String)
    /// Needs `.transport` of the same protocol beside it.
    case ports(TransportProtocol, ClosedRange<UInt16>)
    /// Whether the source is an address of this machine (`addrtype --src-type LOCAL`).
    case sourceIsLocal(Bool)
    /// Whether the destination is an address of this machine (`addrtype --dst-type LOCAL`).
    case destinationIsLocal(Bool)
    /// Apart in memory: it is large and rare, and there are a hundred thousand matches.
    indirect case conntrack(ConnectionMatch)
    case mark(value: UInt32, mask: UInt32, isNegated: Bool = false)
    case chance(Probability)
    /// Whether the source is in an ipset of that name.
    case set(String, isNegated: Bool = false)
    /// Always true; names the service for people.
    case comment(String)
    /// A module or option this reader does not know, as its words.
    case other([String])

    /// The place `iptables-save` gives it in a rule.
    var rank: Int {
        switch self {
        case .source: 0
        case .destination: 1
        case .interface: 2
        case .transport, .otherTransport: 3
        case .ports, .sourceIsLocal, .destinationIsLocal, .conntrack, .mark, .chance, .set,
            .comment, .other:
            4
        }
    }
}

/// What conntrack knows of the flow a packet belongs to.
package struct ConnectionMatch: Hashable, Sendable {
    /// Any of these; empty where the state does not matter.
    package var states: ConnectionStates
    package var statesAreNegated: Bool
    /// Where the client sent the first packet, before any DNAT.
    package var originalDestination: CIDR?
    package var originalDestinationIsNegated: Bool
    package var originalPorts: ClosedRange<UInt16>?

    package init(
        _ states: ConnectionStates = [],
        statesAreNegated: Bool = false,
        originalDestination: CIDR? = nil,
        originalDestinationIsNegated: Bool = false,
        originalPorts: ClosedRange<UInt16>? = nil
    ) {
        self.states = states
        self.statesAreNegated = statesAreNegated
        self.originalDestination = originalDestination
        self.originalDestinationIsNegated = originalDestinationIsNegated
        self.originalPorts = originalPorts
    }
}

/// The states of `-m conntrack --ctstate`.
package struct ConnectionStates: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let invalid = ConnectionStates(rawValue: 1)
    package static let new = ConnectionStates(rawValue: 2)
    package static let related = ConnectionStates(rawValue: 4)
    package static let established = ConnectionStates(rawValue: 8)
    package static let untracked = ConnectionStates(rawValue: 16)
    package static let sourceTranslated = ConnectionStates(rawValue: 32)
    package static let destinationTranslated = ConnectionStates(rawValue: 64)

    /// In the order `iptables-save` prints them.
    static let names: [(state: ConnectionStates, name: String)] = [
        (.invalid, "INVALID"), (.new, "NEW"), (.related, "RELATED"),
        (.established, "ESTABLISHED"), (.untracked, "UNTRACKED"), (.sourceTranslated, "SNAT"),
        (.destinationTranslated, "DNAT"),
    ]
}
