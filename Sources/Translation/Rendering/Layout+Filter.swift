import Vocabulary

/// What stands in the way of, or must not happen to, packets that nat has seen.
///
/// Nothing here depends on what services there are: nat finds who is dropped or refused in its
/// trees and marks them. So the two tables, which the kernel changes one after the other, need
/// not agree, and no packet meets a rule for each service.
extension Layout {
    var filter: TranslationTable.Section {
        let isNew = Match.conntrack(ConnectionMatch(.new))
        let rejects = [Hook.input, .forward, .output].map {
            Jump($0, Rule([isNew], .jump(ChainName.reject)))
        }
        let forward = Jump(.forward, Rule([], .jump(ChainName.forward)))
        return TranslationTable.Section(
            chains: [forwarding] + rejection,
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
