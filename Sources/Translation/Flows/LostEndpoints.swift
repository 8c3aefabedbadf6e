package import Registry
package import Vocabulary

/// Remembers for a while which endpoints went with the machine they were on.
package struct LostEndpoints: Sendable {
    /// How long resets are kept ready: a client that is silent for longer has its own time limits.
    package static let patience = Duration.seconds(600)

    /// At most so many addresses have rules, the latest: each is tried by every packet of an
    /// established flow.
    package static let most = 256

    /// Endpoint addresses in the view, and the node of each.
    private var present: [IPAddress: NodeID] = [:]
    private var lost: [IPAddress: Loss] = [:]

    private struct Loss: Sendable {
        let node: NodeID
        let since: Instant
    }

    package init() {}

    /// The addresses to reset flows to, sorted.
    package var addresses: [IPAddress] {
        let latest = lost.keys.sorted { left, right in
            let (first, second) = (lost[left]?.since ?? .zero, lost[right]?.since ?? .zero)
            return first == second ? left < right : first > second
        }
        return latest.prefix(Self.most).sorted()
    }

    /// Those of one family.
    package func addresses(of family: IPAddress.Family) -> [IPAddress] {
        addresses.filter { $0.family == family }
    }

    /// When the next address is forgotten; `.never` where there is none.
    package var nextDeadline: Instant {
        lost.keys.sorted().compactMap { lost[$0]?.since }.min().map { $0 + Self.patience } ?? .never
    }

    /// Takes a new view: what is missing in it and was on a node that is dead now is lost; what is
    /// there again, or whose node lives again, is not.
    ///
    /// - Parameters:
    ///   - view: Endpoints of dead nodes are not in it.
    ///   - isDead: Whether membership says so of a node, confirmed and not just suspected.
    ///   - now: This moment.
    package mutating func follow(
        _ view: ClusterView,
        isDead: (NodeID) -> Bool,
        at now: Instant
    ) {
        var seen: [IPAddress: NodeID] = [:]
        for service in view.services {
            for endpoint in service.endpoints { seen[endpoint.address] = endpoint.node }
        }
        for address in present.keys.sorted() where seen[address] == nil {
            guard let node = present[address], isDead(node) else { continue }
            lost[address] = Loss(node: node, since: now)
        }
        present = seen
        forget(isDead: isDead, at: now)
    }

    /// Drops what need not be remembered any more.
    package mutating func forget(isDead: (NodeID) -> Bool, at now: Instant) {
        lost = lost.filter { address, loss in
            present[address] == nil && isDead(loss.node) && now < loss.since + Self.patience
        }
    }
}
