import Gossip
import Registry
import Vocabulary

/// What answering for names needs of a publication, and no more.
struct NameOrder: Sendable {
    let view: ClusterView
    /// Whether the node knows enough to say of a name that there is none: it has met somebody, or
    /// remembers, or has nobody to meet.
    let isWhole: Bool
    /// Where rules can lead whoever asks at the cluster's address for DNS: of each family that the
    /// cluster has services of, an address of this machine that is not a loopback one.
    let addresses: [IPAddress]
    /// Where this machine's pods are.
    let podCIDRs: [CIDR]

    /// All ranges that services have addresses of.
    var ranges: [CIDR] { view.ranges.serviceRanges.map(\.cidr) }

    init(_ publication: Publication) {
        view = publication.view
        isWhole = publication.phase != .joining
        podCIDRs = publication.certificate.podCIDRs
        let own = publication.addresses.map(\.address) + publication.certificate.addresses
        var found: [IPAddress] = []
        for family in IPAddress.Family.allCases
        where !publication.view.ranges.serviceRanges(of: family).isEmpty {
            let address = own.first { $0.family == family && !$0.isLoopback }
            if let address { found.append(address) }
        }
        addresses = found
    }
}
