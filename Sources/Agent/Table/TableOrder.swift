import Gossip
import Membership
import Registry
import Translation
import Vocabulary

/// What the keeper of the table needs of a publication, and no more.
struct TableOrder: Sendable {
    let view: ClusterView
    let machine: LocalMachine
    /// Where this machine can be reached: routes to the service ranges go out there.
    let addresses: [IPAddress]
    /// Whether the node knows enough for rules to be written: it has met somebody, or
    /// remembers, or has nobody to meet.
    let isReady: Bool
    private let members: MemberTable

    /// - Parameters:
    ///   - publication: What the node last made known.
    ///   - hasSets: Whether this machine has ipset.
    ///   - nameServers: Where this machine answers for names.
    init(_ publication: Publication, hasSets: Bool, nameServers: [PeerAddress] = []) {
        view = publication.view
        machine = LocalMachine(
            node: publication.myself,
            podCIDRs: publication.certificate.podCIDRs,
            hasSets: hasSets,
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

    func rendering(_ family: IPAddress.Family) -> Rendering {
        Rendering(of: view, on: machine, family: family)
    }

    /// The rules of some services, as if there were no others.
    func rendering(
        _ family: IPAddress.Family,
        of isIncluded: (ServiceName) -> Bool
    ) -> Rendering {
        guard !view.services.allSatisfy({ isIncluded($0.name) }) else { return rendering(family) }
        let some = ClusterView(
            cluster: view.cluster,
            clusterName: view.clusterName,
            ranges: view.ranges,
            services: view.services.filter { isIncluded($0.name) },
            nodes: view.nodes
        )
        return Rendering(of: some, on: machine, family: family)
    }
}
