import Vocabulary

/// The chains that every table has, and how the services hang on them.
struct Layout {
    let family: IPAddress.Family
    /// The service ranges of the family, at least one, rising.
    let ranges: [CIDR]
    let nodePorts: ClosedRange<UInt16>
    let podCIDRs: [CIDR]

    /// An address of this machine that others can dial: not a loopback one, since to let those
    /// out needs `route_localnet`, which opens local listeners to the network (CVE-2020-8558).
    var isNodeAddress: [Match] {
        let loopback =
            family == .v4
            ? DispatchTree.Block(base: 0x7f00_0000, prefixLength: 8)
            : DispatchTree.Block(base: 1, prefixLength: 128)
        return [.destination(subrange(loopback), isNegated: true), .destinationIsLocal(true)]
    }

    /// IPv6 addresses that every link has for itself: an answer from elsewhere would not fit.
    var linkLocal: CIDR {
        subrange(DispatchTree.Block(base: 0xfe80 << 112, prefixLength: 10))
    }

    /// A block of addresses of our family.
    func subrange(_ block: DispatchTree.Block) -> CIDR {
        let address = IPAddress(family, block.base)
        guard let range = CIDR(holding: address, prefixLength: block.prefixLength) else {
            preconditionFailure("\(address)/\(block.prefixLength) is no \(family) range")
        }
        return range
    }
}

/// How nat tells later chains what it found, on the first packet of a flow.
///
/// Bits 13 to 15 of a mark belong to the CNI port mapper and to kube-proxy, the upper half to
/// Calico, 8, 9 and 11 are among those that Cilium and WireGuard's tools use.
enum FlowMark {
    /// The source may have to be replaced on the way out.
    ///
    /// On a packet to a NodePort that is not translated it means that nobody serves that port.
    private static let masquerade: UInt32 = 0x1000
    /// The source stays.
    ///
    /// On a packet that is not translated it means that nobody may serve it here, though others
    /// do elsewhere.
    private static let keep: UInt32 = 0x400
    private static let both = masquerade | keep

    static let setMasquerade = Target.mark(value: masquerade, mask: masquerade)
    static let setKeep = Target.mark(value: keep, mask: both)
    static let clear = Target.mark(value: 0, mask: both)

    static let isMasquerade = Match.mark(value: masquerade, mask: masquerade)
    static let isNotMasquerade = Match.mark(value: masquerade, mask: masquerade, isNegated: true)
    static let isKeep = Match.mark(value: keep, mask: keep)
    static let isSet = Match.mark(value: 0, mask: both, isNegated: true)
}
