import Gossip
import Registry
import Translation
import Vocabulary

/// What the keeper of the table needs of a publication, and no more.
struct TableOrder: Sendable {
    let view: ClusterView
    let machine: LocalMachine
    /// Where this machine can be reached: the route to the service range goes out there.
    let address: IPAddress
    /// Whether the node knows enough for rules to be written: it has met somebody, or
    /// remembers, or has nobody to meet.
    let isReady: Bool

    var rendering: Rendering { Rendering(of: view, on: machine) }
}

extension Publication {
    var tableOrder: TableOrder {
        TableOrder(
            view: view,
            machine: LocalMachine(node: myself, podCIDRs: certificate.podCIDRs),
            address: addresses.first?.address ?? view.ranges.serviceCIDR.base,
            isReady: phase != .joining
        )
    }
}
