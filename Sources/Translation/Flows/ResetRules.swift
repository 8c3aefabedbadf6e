package import Vocabulary

extension TranslationTable {
    /// The table with rules that end established TCP flows to the endpoints of dead machines.
    ///
    /// A client that waits for a machine that does not exist any more hears nothing for minutes;
    /// with these rules its next packet is answered by a reset (kubernetes #104098). An address
    /// that is merely drained must not be among them: its flows are to end by themselves.
    ///
    /// - Parameters:
    ///   - dead: The addresses of endpoints on machines that are dead, sorted; those of the other
    ///     family are left out.
    ///   - ranges: The service ranges.
    ///   - nodePorts: The range of NodePorts.
    /// - Returns: This table itself where there is nobody to reset.
    package func resetting(
        _ dead: [IPAddress],
        ranges: [CIDR],
        nodePorts: ClosedRange<UInt16>
    ) -> TranslationTable {
        guard let family = ranges.first?.family else { return self }
        let addresses = dead.filter { $0.family == family }
        guard !addresses.isEmpty else { return self }
        let isUnderWay = Match.conntrack(ConnectionMatch(.established))
        let jumps = [Hook.forward, .output].map {
            Jump($0, Rule([.transport(.tcp), isUnderWay], .jump(ChainName.dead)))
        }
        let gates = addresses.map { Rule([.destination(CIDR($0))], .goto(ChainName.deadReset)) }
        let toRanges = ranges.map { range in
            Rule(
                [.transport(.tcp), .conntrack(ConnectionMatch(originalDestination: range))],
                .reject(.tcpReset)
            )
        }
        let toNodePort = ConnectionMatch(.destinationTranslated, originalPorts: nodePorts)
        let resets =
            toRanges + [
                Rule([.transport(.tcp), .conntrack(toNodePort)], .reject(.tcpReset))
            ]
        return TranslationTable(
            nat: nat,
            filter: Section(
                chains: filter.chains + [
                    Chain(ChainName.dead, gates), Chain(ChainName.deadReset, resets),
                ],
                // Before the rule that lets our flows through.
                jumps: jumps + filter.jumps
            )
        )
    }
}

extension ChainName {
    /// Asks whether a packet of an established flow goes to a dead machine.
    fileprivate static let dead = "GV-DEAD"
    /// Answers it by a reset where the flow is one of ours.
    fileprivate static let deadReset = "GV-DEAD-RESET"
}
