import Registry
import Vocabulary

/// Where packets are translated.
extension Layout {
    func nat(_ shares: ServiceShares) -> TranslationTable.Section {
        let entries = [Hook.prerouting, .output].flatMap { hook in
            [
                Jump(hook, Rule([], .jump(ChainName.services))),
                Jump(hook, Rule(isNodeAddress, .jump(ChainName.nodePorts))),
            ]
        }
        let exit = Jump(.postrouting, Rule([], .jump(ChainName.postrouting)))
        let drop = Chain(ChainName.drop, [Rule([], FlowMark.setKeep), Rule([], .accept)])
        return TranslationTable.Section(
            chains: shares.chains + clusterEntry(shares) + nodePortEntry(shares)
                + sources(shares.localAddresses.keys.sorted()) + [drop],
            jumps: entries + [exit]
        )
    }

    /// The chains of one service port.
    func choice(_ port: OfferedPort) -> [Chain] {
        var chains: [Chain] = []
        if port.usesEverywhere {
            chains += EndpointCascade(port: port, endpoints: port.everywhere)
                .chains(named: ChainName.service(port.identity))
        }
        if port.usesHere {
            chains += EndpointCascade(port: port, endpoints: port.here)
                .chains(named: ChainName.local(port.identity))
        }
        if port.usesExternalChoice { chains.append(externalChoice(port)) }
        let places = Set(chains.isEmpty ? [] : (port.everywhere + port.here).map(\.place))
        return chains + places.sorted().compactMap { keeping($0, port) }
    }

    /// One endpoint of a service whose clients stay: it remembers the client, then gets it.
    private func keeping(_ place: SocketAddress, _ port: OfferedPort) -> Chain? {
        guard let seconds = port.stickySeconds, let clients = port.clients(of: place) else {
            return nil
        }
        return Chain(
            clients.chain,
            [
                port.rule([], .addToSet(clients.set, seconds: seconds)),
                port.rule([.transport(port.transport)], .dnat(to: place)),
            ]
        )
    }

    /// Who comes to a NodePort by the policy Local: this machine reaches all endpoints as by the
    /// policy Cluster, its pods reach all with their own address, others reach those here.
    private func externalChoice(_ port: OfferedPort) -> Chain {
        let all = ChainName.service(port.identity)
        let near = port.here.isEmpty ? ChainName.drop : ChainName.local(port.identity)
        return Chain(
            ChainName.external(port.identity),
            [
                port.rule([.sourceIsLocal(true)], .goto(all)),
                port.rule([], FlowMark.setKeep),
            ] + podCIDRs.map { port.rule([.source($0)], .goto(all)) } + [
                port.rule([], .goto(near))
            ]
        )
    }

    /// Packets to a service range; all others pay for one rule, or for one of each range.
    private func clusterEntry(_ shares: ServiceShares) -> [Chain] {
        let ours = podCIDRs.map { Rule([.source($0)], .return) }
        let outsiders = Chain(ChainName.outsiders, ours + [Rule([], FlowMark.setMasquerade)])
        let first = [Rule([.sourceIsLocal(false)], .jump(ChainName.outsiders))]
        let planted = zip(ranges, shares.addressTrees).map { (range: $0, tree: $1) }
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

    func addressTree(in range: CIDR) -> DispatchTree {
        DispatchTree(
            bits: family.bits,
            root: DispatchTree.Block(base: range.base.number, prefixLength: range.prefixLength),
            name: { ChainName.network(subrange($0), in: range) },
            selector: { [.destination(subrange($0))] }
        )
    }

    /// What leads to a service port from its addresses in a range.
    func leaves(of port: OfferedPort, in range: CIDR) -> [DispatchTree.Leaf] {
        guard let target = port.insideTarget else { return [] }
        return port.addresses.filter { range.contains($0.address) }.map { place in
            DispatchTree.Leaf(
                key: place.address.number,
                order: UInt32(place.port) << 8 | UInt32(port.transport.rawValue),
                rule: port.rule(
                    [
                        .destination(CIDR(place.address)), .transport(port.transport),
                        .ports(port.transport, place.port...place.port),
                    ],
                    target
                )
            )
        }
    }

    /// Packets to a port of this machine.
    private func nodePortEntry(_ shares: ServiceShares) -> [Chain] {
        var gate = family == .v6 ? [Rule([.destination(linkLocal)], .return)] : []
        var chains: [Chain] = []
        for (transport, tree) in zip(TransportProtocol.allCases, shares.nodePortTrees) {
            let root = ChainName.ports(transport)
            let entry = ChainName.nodePorts(transport)
            gate.append(
                Rule([.transport(transport), .ports(transport, nodePorts)], .goto(entry))
            )
            // Whoever comes back from the tree found no service, and is none of our business.
            let through = [
                Rule([], FlowMark.setMasquerade), Rule([], .jump(root)), Rule([], FlowMark.clear),
            ]
            chains += tree.chains + [Chain(root, tree.root), Chain(entry, through)]
        }
        return chains + [Chain(ChainName.nodePorts, gate)]
    }

    func portTree(_ transport: TransportProtocol) -> DispatchTree {
        DispatchTree(
            bits: 16,
            root: DispatchTree.Block(base: 0, prefixLength: 0),
            name: { ChainName.ports(transport, $0.ports) },
            selector: { [.transport(transport), .ports(transport, $0.ports)] }
        )
    }

    /// What leads to a service port from its NodePort.
    func leaf(ofNodePort port: OfferedPort) -> DispatchTree.Leaf? {
        port.nodePort.map { number in
            DispatchTree.Leaf(
                key: UInt128(number),
                rule: port.rule(
                    [.transport(port.transport), .ports(port.transport, number...number)],
                    port.outsideTarget
                )
            )
        }
    }

    /// Every first packet of a flow to a service passes here, and a machine may have hundreds of
    /// endpoints.
    private var hairpinTree: DispatchTree {
        DispatchTree(
            bits: family.bits,
            root: DispatchTree.Block(base: 0, prefixLength: 0),
            name: { ChainName.hairpin(subrange($0)) },
            selector: { [.destination(subrange($0))] }
        )
    }

    /// Where the client's address cannot stay: the answer would not come back this way.
    private func sources(_ localAddresses: [IPAddress]) -> [Chain] {
        let hairpin = hairpinTree.plant(
            // An endpoint that reaches itself would answer itself directly.
            localAddresses.map { address in
                DispatchTree.Leaf(
                    key: address.number,
                    rule: Rule(
                        [.source(CIDR(address)), .destination(CIDR(address))],
                        .goto(ChainName.masquerade)
                    )
                )
            }
        )
        // A NodePort client's packet that stays on this machine is answered through it anyway:
        // kube-proxy replaces its address too, and with it what the endpoint knows of it.
        let viaNodePort = ranges.map { range in
            Match.conntrack(
                ConnectionMatch(originalDestination: range, originalDestinationIsNegated: true)
            )
        }
        let stays = podCIDRs.map { Match.destination($0) } + [.destinationIsLocal(true)]
        let untranslated = ConnectionMatch(.destinationTranslated, statesAreNegated: true)
        return [
            Chain(
                ChainName.postrouting,
                [
                    Rule([.conntrack(untranslated)], .return),
                    Rule([], .jump(ChainName.hairpin)),
                    Rule([FlowMark.isNotMasquerade], .return),
                ] + stays.map { Rule([$0] + viaNodePort, .return) } + [
                    Rule([], .goto(ChainName.masquerade))
                ]
            ),
            Chain(ChainName.hairpin, hairpin.root),
            // Cleared first: an overlay may bring the packet by a second time.
            Chain(
                ChainName.masquerade,
                [Rule([], FlowMark.clear), Rule([], .masquerade(fullyRandom: true))]
            ),
        ] + hairpin.chains
    }
}

extension DispatchTree.Block {
    /// The ports of a block of 16-bit numbers.
    var ports: ClosedRange<UInt16> {
        let last = base + (UInt128(1) << UInt128(16 - prefixLength)) - 1
        return UInt16(base)...UInt16(last)
    }
}
