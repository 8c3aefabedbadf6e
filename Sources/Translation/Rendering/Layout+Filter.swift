import Vocabulary

/// What stands in the way of, or must not happen to, packets that nat has seen.
///
/// Nothing here but the ports for health checks depends on what services there are: nat finds who
/// is dropped or refused in its trees and marks them. So the two tables, which the kernel changes
/// one after the other, need not agree, and no packet meets a rule for each service.
extension Layout {
    func filter(_ shares: ServiceShares) -> TranslationTable.Section {
        let isNew = Match.conntrack(ConnectionMatch(.new))
        let rejects = [Hook.input, .forward, .output].map {
            Jump($0, Rule([isNew], .jump(ChainName.reject)))
        }
        let forward = Jump(.forward, Rule([], .jump(ChainName.forward)))
        let health = self.health(shares)
        return TranslationTable.Section(
            chains: [forwarding] + rejection + health.chains,
            jumps: [forward] + health.jumps + rejects
        )
    }

    /// Lets who asks for the health of a service in, where the policy of INPUT is to drop.
    private func health(_ shares: ServiceShares) -> (chains: [Chain], jumps: [Jump]) {
        guard !shares.healthChecks.isEmpty else { return ([], []) }
        let tree = DispatchTree(
            bits: 16,
            root: DispatchTree.Block(base: 0, prefixLength: 0),
            name: { ChainName.health($0.ports) },
            selector: { [.transport(.tcp), .ports(.tcp, $0.ports)] }
        )
        let planted = tree.plant(
            shares.healthChecks.map { check in
                let comment = shares.hasComments ? [Match.comment("\(check.service)")] : []
                return DispatchTree.Leaf(
                    key: UInt128(check.port),
                    rule: Rule(
                        [.transport(.tcp), .ports(.tcp, check.port...check.port)] + comment,
                        .accept
                    )
                )
            }
        )
        let gate: [Match] = [.transport(.tcp), .ports(.tcp, nodePorts)]
        return (
            planted.chains + [Chain(ChainName.health, planted.root)],
            [Jump(.input, Rule(gate + isNodeAddress, .jump(ChainName.health)))]
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
        return Chain(
            ChainName.forward,
            toRanges + [
                // The first packet of a flow to a NodePort, and those after it.
                Rule([FlowMark.isSet, .conntrack(translated)], .accept),
                Rule([isUnderWay, .conntrack(toNodePort)], .accept),
            ]
        )
    }

    /// What nat left as it was has nobody to go to: the client is told at once, or, where others
    /// serve it elsewhere, is left to try another machine.
    private var rejection: [Chain] {
        let toRanges = ranges.map { range in
            Rule([.destination(range)], .goto(ChainName.rejectedServices))
        }
        let toPorts = TransportProtocol.allCases.map { transport in
            Rule(
                [.transport(transport), .ports(transport, nodePorts)] + isNodeAddress,
                .goto(ChainName.rejectedPorts)
            )
        }
        let drop = Rule([FlowMark.isKeep], .drop)
        let refuse = [
            Rule([.transport(.tcp)], .reject(.tcpReset)),
            Rule([], .reject(.unreachable(family))),
        ]
        let translated = Match.conntrack(ConnectionMatch(.destinationTranslated))
        return [
            Chain(ChainName.reject, toRanges + toPorts),
            Chain(ChainName.rejectedServices, [drop] + refuse),
            Chain(
                ChainName.rejectedPorts,
                [Rule([translated], .return), drop, Rule([FlowMark.isNotMasquerade], .return)]
                    + refuse
            ),
        ]
    }
}
