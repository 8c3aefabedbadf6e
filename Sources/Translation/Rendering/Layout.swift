import Vocabulary

/// The chains that every table has, and how the services hang on them.
struct Layout {
    /// Set on the first packet of a flow whose source may have to be replaced on the way out.
    ///
    /// Bits 13 to 15 belong to the CNI port mapper and to kube-proxy, the upper half to Calico.
    static let masqueradeMark: UInt32 = 0x1000

    let family: IPAddress.Family
    /// The service ranges of the family, at least one, rising.
    let ranges: [CIDR]
    let nodePorts: ClosedRange<UInt16>
    let podCIDRs: [CIDR]

    private static let setMark = Target.mark(value: masqueradeMark, mask: masqueradeMark)
    private static let clearMark = Target.mark(value: 0, mask: masqueradeMark)

    /// An address of this machine that others can dial: not a loopback one, since to let those
    /// out needs `route_localnet`, which opens local listeners to the network (CVE-2020-8558).
    private var isNodeAddress: [Match] {
        let loopback =
            family == .v4
            ? DispatchTree.Block(base: 0x7f00_0000, prefixLength: 8)
            : DispatchTree.Block(base: 1, prefixLength: 128)
        return [.destination(subrange(loopback), isNegated: true), .destinationIsLocal(true)]
    }

    /// A block of addresses of our family.
    private func subrange(_ block: DispatchTree.Block) -> CIDR {
        let address = IPAddress(family, block.base)
        guard let range = CIDR(holding: address, prefixLength: block.prefixLength) else {
            preconditionFailure("\(address)/\(block.prefixLength) is no \(family) range")
        }
        return range
    }
}

// MARK: - nat

extension Layout {
    func nat(_ offer: Offer) -> TranslationTable.Section {
        let entries = [Hook.prerouting, .output].flatMap { hook in
            [
                Jump(hook, Rule([], .jump(ChainName.services))),
                Jump(hook, Rule(isNodeAddress, .jump(ChainName.nodePorts))),
            ]
        }
        let exit = Jump(.postrouting, Rule([], .jump(ChainName.postrouting)))
        let services = offer.ports
            .filter { !$0.addresses.isEmpty || $0.nodePort != nil }
            .flatMap { EndpointCascade(port: $0).chains }
        return TranslationTable.Section(
            chains: services + clusterEntry(offer) + nodePortEntry(offer) + sources(offer),
            jumps: entries + [exit]
        )
    }

    /// Packets to a service range; all others pay for one rule, or for one of each range.
    private func clusterEntry(_ offer: Offer) -> [Chain] {
        let ours = podCIDRs.map { Rule([.source($0)], .return) }
        let outsiders = Chain(ChainName.outsiders, ours + [Rule([], Self.setMark)])
        let first = [Rule([.sourceIsLocal(false)], .jump(ChainName.outsiders))]
        let planted = ranges.map { (range: $0, tree: services(offer, in: $0)) }
        if let only = planted.first, planted.count == 1 {
            let gate = Rule([.destination(only.range, isNegated: true)], .return)
            return only.tree.chains + [
                Chain(ChainName.services, [gate] + first + only.tree.root), outsiders,
            ]
        }
        let gates = planted.map { range, _ in
            Rule([.destination(range)], .goto(ChainName.network(range, in: range)))
        }
        let chains = planted.flatMap { range, tree in
            tree.chains + [Chain(ChainName.network(range, in: range), first + tree.root)]
        }
        return chains + [Chain(ChainName.services, gates), outsiders]
    }

    /// The services with addresses in a range, by address.
    private func services(_ offer: Offer, in range: CIDR) -> (root: [Rule], chains: [Chain]) {
        let tree = DispatchTree(
            bits: family.bits,
            root: DispatchTree.Block(base: range.base.number, prefixLength: range.prefixLength),
            name: { ChainName.network(subrange($0), in: range) },
            selector: { [.destination(subrange($0))] }
        )
        let dialled = offer.ports.filter { !$0.endpoints.isEmpty }.flatMap { port in
            port.addresses.filter { range.contains($0.address) }.map { (place: $0, port: port) }
        }
        let leaves =
            dialled
            .sorted { ($0.place, $0.port.transport) < ($1.place, $1.port.transport) }
            .map { place, port in
                DispatchTree.Leaf(
                    key: place.address.number,
                    rule: port.rule(
                        [
                            .destination(CIDR(place.address)), .transport(port.transport),
                            .ports(port.transport, place.port...place.port),
                        ],
                        .goto(port.chain)
                    )
                )
            }
        return tree.plant(leaves)
    }

    /// Packets to a port of this machine.
    private func nodePortEntry(_ offer: Offer) -> [Chain] {
        var gate: [Rule] = []
        var chains: [Chain] = []
        for transport in TransportProtocol.allCases {
            let ports = offer.ports.filter { $0.transport == transport && !$0.endpoints.isEmpty }
            let leaves =
                ports
                .compactMap { port in port.nodePort.map { (number: $0, port: port) } }
                .sorted { $0.number < $1.number }
                .map { number, port in
                    DispatchTree.Leaf(
                        key: UInt128(number),
                        rule: port.rule(
                            [.transport(transport), .ports(transport, number...number)],
                            .goto(port.chain)
                        )
                    )
                }
            guard !leaves.isEmpty else { continue }
            let root = ChainName.ports(transport)
            let tree = DispatchTree(
                bits: 16,
                root: DispatchTree.Block(base: 0, prefixLength: 0),
                name: { ChainName.ports(transport, $0.ports) },
                selector: { [.transport(transport), .ports(transport, $0.ports)] }
            )
            let planted = tree.plant(leaves)
            let entry = ChainName.nodePorts(transport)
            gate.append(
                Rule([.transport(transport), .ports(transport, nodePorts)], .goto(entry))
            )
            // Whoever comes back from the tree found no service, and is none of our business.
            let through = [
                Rule([], Self.setMark), Rule([], .jump(root)), Rule([], Self.clearMark),
            ]
            chains += planted.chains + [Chain(root, planted.root), Chain(entry, through)]
        }
        return chains + [Chain(ChainName.nodePorts, gate)]
    }

    /// Where the client's address cannot stay: the answer would not come back this way.
    private func sources(_ offer: Offer) -> [Chain] {
        // An endpoint that reaches itself would answer itself directly.
        let hairpin = offer.localAddresses.map { address in
            Rule(
                [.source(CIDR(address)), .destination(CIDR(address))],
                .goto(ChainName.masquerade)
            )
        }
        // A NodePort client's packet that stays on this machine is answered through it anyway.
        let viaNodePort = ranges.map { range in
            Match.conntrack(
                ConnectionMatch(originalDestination: range, originalDestinationIsNegated: true)
            )
        }
        let stays = podCIDRs.map { Match.destination($0) } + [.destinationIsLocal(true)]
        let hasNoMark = Match.mark(
            value: Self.masqueradeMark,
            mask: Self.masqueradeMark,
            isNegated: true
        )
        let untranslated = ConnectionMatch(.destinationTranslated, statesAreNegated: true)
        return [
            Chain(
                ChainName.postrouting,
                [
                    Rule([.conntrack(untranslated)], .return),
                    Rule([], .jump(ChainName.hairpin)),
                    Rule([hasNoMark], .return),
                ] + stays.map { Rule([$0] + viaNodePort, .return) } + [
                    Rule([], .goto(ChainName.masquerade))
                ]
            ),
            Chain(ChainName.hairpin, hairpin),
            // Cleared first: an overlay may bring the packet by a second time.
            Chain(
                ChainName.masquerade,
                [Rule([], Self.clearMark), Rule([], .masquerade(fullyRandom: true))]
            ),
        ]
    }
}

extension DispatchTree.Block {
    /// The ports of a block of 16-bit numbers.
    fileprivate var ports: ClosedRange<UInt16> {
        let last = base + (UInt128(1) << UInt128(16 - prefixLength)) - 1
        return UInt16(base)...UInt16(last)
    }
}

// MARK: - filter

extension Layout {
    /// What stands in the way of, or must not happen to, packets that nat has seen.
    func filter(_ offer: Offer) -> TranslationTable.Section {
        let isNew = Match.conntrack(ConnectionMatch(.new))
        let rejects = [Hook.input, .forward, .output].map {
            Jump($0, Rule([isNew], .jump(ChainName.reject)))
        }
        let forward = Jump(.forward, Rule([], .jump(ChainName.forward)))
        return TranslationTable.Section(
            chains: [forwarding] + rejection(offer),
            jumps: [forward] + rejects
        )
    }

    /// Lets our own flows through where the policy of FORWARD is to drop.
    private var forwarding: Chain {
        let translated = ConnectionMatch(.destinationTranslated)
        let toRanges = ranges.map { range in
            var toRange = translated
            toRange.originalDestination = range
            // Every packet of a flow to a service address, both ways.
            return Rule([.conntrack(toRange)], .accept)
        }
        var toNodePort = translated
        toNodePort.originalPorts = nodePorts
        let isUnderWay = Match.conntrack(ConnectionMatch([.related, .established]))
        let hasMark = Match.mark(value: Self.masqueradeMark, mask: Self.masqueradeMark)
        return Chain(
            ChainName.forward,
            toRanges + [
                // The first packet of a flow to a NodePort, and those after it.
                Rule([hasMark, .conntrack(translated)], .accept),
                Rule([isUnderWay, .conntrack(toNodePort)], .accept),
            ]
        )
    }

    /// What nat left as it was has nobody to go to: the client is told at once.
    ///
    /// For a service range two rules do for all services, so that nat and filter, which the
    /// kernel changes one after the other, need not agree.
    private func rejection(_ offer: Offer) -> [Chain] {
        let lonely = offer.ports
            .compactMap { port in port.nodePort.map { (number: $0, port: port) } }
            .filter { $0.port.endpoints.isEmpty }
            .sorted { ($0.port.transport, $0.number) < ($1.port.transport, $1.number) }
        let gates = TransportProtocol.allCases
            .filter { transport in lonely.contains { $0.port.transport == transport } }
            .map { transport in
                let place: [Match] = [.transport(transport), .ports(transport, nodePorts)]
                return Rule(place + isNodeAddress, .jump(ChainName.rejectedPorts))
            }
        let ports = lonely.map { number, port in
            port.rule(
                [.transport(port.transport), .ports(port.transport, number...number)],
                .reject(port.transport == .tcp ? .tcpReset : .portUnreachable)
            )
        }
        let addresses = ranges.flatMap { range in
            [
                Rule([.destination(range), .transport(.tcp)], .reject(.tcpReset)),
                Rule([.destination(range)], .reject(.portUnreachable)),
            ]
        }
        return [
            Chain(ChainName.reject, addresses + gates),
            Chain(ChainName.rejectedPorts, ports),
        ]
    }
}
