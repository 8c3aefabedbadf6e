package import Vocabulary

/// One rule of a chain: when every match holds, the target is what happens.
///
/// A rule is kept as meaning, not as text, so that what is wanted and what the kernel prints
/// back are compared with plain equality.
package struct Rule: Hashable, Sendable {
    /// In the order `iptables-save` prints them: addresses, interface, protocol, then modules.
    package let matches: [Match]
    package let target: Target

    package init(_ matches: [Match], _ target: Target) {
        self.target = target
        // Nearly all are given in order: fifty thousand arrays of the size they need.
        guard zip(matches, matches.dropFirst()).contains(where: { $0.rank > $1.rank }) else {
            self.matches = matches
            return
        }
        // A stable insertion by rank: modules keep the order they were given in.
        var ordered: [Match] = []
        for match in matches {
            let place = ordered.firstIndex { $0.rank > match.rank } ?? ordered.endIndex
            ordered.insert(match, at: place)
        }
        self.matches = ordered
    }

    /// The chain this rule sends packets to, if it does.
    package var destinationChain: String? {
        switch target {
        case .jump(let name), .goto(let name): name
        case .nothing, .return, .accept, .drop, .reject, .dnat, .mark, .masquerade, .addToSet,
            .other:
            nil
        }
    }
}

/// What happens to a packet that a rule matches.
package enum Target: Hashable, Sendable {
    /// The rule only counts.
    case nothing
    /// Walk that chain and come back.
    case jump(String)
    /// Walk that chain and, at its end, come back to where the last jump came from.
    case goto(String)
    case `return`
    case accept
    case drop
    case reject(Rejection)
    /// Rewrite the destination; the rest of the nat table is left.
    case dnat(to: SocketAddress)
    /// `mark = (mark & ~mask) ^ value`, and on to the next rule.
    case mark(value: UInt32, mask: UInt32)
    /// Rewrite the source to the outgoing interface's address; the rest of the table is left.
    case masquerade(fullyRandom: Bool)
    /// Put the source into an ipset for so many seconds from now on, and on to the next rule.
    case addToSet(String, seconds: UInt32)
    /// A target this reader does not know, as its words.
    case other([String])
}

/// How a client is told that nobody is there.
package enum Rejection: String, Hashable, Comparable, Sendable, CaseIterable {
    case tcpReset = "tcp-reset"
    case portUnreachable = "icmp-port-unreachable"
    case portUnreachableV6 = "icmp6-port-unreachable"

    /// What iptables uses where there is no such thing as a reset.
    package static func unreachable(_ family: IPAddress.Family) -> Rejection {
        family == .v4 ? .portUnreachable : .portUnreachableV6
    }

    package static func < (left: Rejection, right: Rejection) -> Bool {
        left.rawValue < right.rawValue
    }
}
