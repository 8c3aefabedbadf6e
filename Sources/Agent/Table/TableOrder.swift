import Gossip
import Membership
import Registry
import Translation
import Vocabulary

/// What the keeper of the table needs of a publication, and no more.
struct TableOrder: Sendable {
    let view: ClusterView
    private(set) var machine: LocalMachine
    /// Where this machine can be reached: routes to the service ranges go out there.
    let addresses: [IPAddress]
    /// Whether the node knows enough for rules to be written: it has met somebody, or
    /// remembers, or has nobody to meet.
    let isReady: Bool
    private let members: MemberTable

    /// - Parameters:
    ///   - publication: What the node last made known.
    ///   - zone: What the zone of this machine is called; may be empty.
    ///   - hasSets: Whether this machine has ipset.
    ///   - takenNodePorts: Those that a program of this machine has.
    ///   - nameServers: Where this machine answers for names.
    init(
        _ publication: Publication,
        zone: String,
        hasSets: Bool,
        takenNodePorts: Set<LocalPort>,
        nameServers: [PeerAddress]
    ) {
        view = publication.view
        machine = LocalMachine(
            node: publication.myself,
            podCIDRs: publication.certificate.podCIDRs,
            zone: zone,
            hasSets: hasSets,
            takenNodePorts: takenNodePorts,
            nameServers: nameServers.map { SocketAddress($0.address, port: $0.port) }
        )
        addresses = publication.addresses.map(\.address) + publication.certificate.addresses
        isReady = publication.phase != .joining
        members = publication.table
    }

    /// The families that the cluster has service addresses of.
    var families: [IPAddress.Family] {
        IPAddress.Family.allCases.filter { !view.ranges.serviceRanges(of: $0).isEmpty }
    }

    /// Whether a machine is dead beyond doubt.
    func isDead(_ node: NodeID) -> Bool { members.state(of: node) == .dead }

    /// The rules of some services, as if there were no others; of all where nobody chooses.
    func rendering(
        _ family: IPAddress.Family,
        of isIncluded: ((ServiceName) -> Bool)? = nil
    ) -> Rendering {
        var renderer = Renderer()
        return renderer.render(view, on: machine, family: family, of: isIncluded)
    }

    /// The same order on a machine where these NodePorts have listeners.
    func leaving(_ takenNodePorts: Set<LocalPort>) -> TableOrder {
        guard takenNodePorts != machine.takenNodePorts else { return self }
        var order = self
        order.machine = LocalMachine(
            node: machine.node,
            podCIDRs: machine.podCIDRs,
            zone: machine.zone,
            hasSets: machine.hasSets,
            takenNodePorts: takenNodePorts,
            nameServers: machine.nameServers
        )
        return order
    }
}
