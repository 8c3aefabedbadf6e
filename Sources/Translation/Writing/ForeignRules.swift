package import Vocabulary

extension KernelRules {
    /// Rules of others that a packet meets before ours and that may take it away from a service,
    /// as `nat PREROUTING: -p tcp -j DNAT …`, in the kernel's order.
    ///
    /// They are told of, and left as they are: whoever put them there may have had a reason.
    ///
    /// - Parameters:
    ///   - ranges: The service ranges of the family.
    ///   - nodePorts: The range of NodePorts.
    /// - Returns: None where no jump of ours is there.
    package func foreignRulesBeforeOurs(
        ranges: [CIDR],
        nodePorts: ClosedRange<UInt16>
    ) -> [String] {
        [(KernelTable.nat, Hook.prerouting), (.nat, .output), (.filter, .forward)]
            .flatMap { table, hook -> [String] in
                let rules = tables[table.rawValue]?.chains[hook.rawValue]?.rules ?? []
                let ours = rules.firstIndex { rule in
                    rule.destinationChain.map(ChainName.isOurs) == true
                }
                guard let ours else { return [] }
                return rules[..<ours]
                    .filter { rule in
                        rule.takesPackets(in: table)
                            && rule.mayConcern(ranges: ranges, nodePorts: nodePorts)
                    }
                    .map { "\(table.rawValue) \(hook.rawValue): \($0.text)" }
            }
    }

    /// Whether what no rule of a built-in chain of `filter` decided is dropped.
    package func dropsByPolicy(at hook: Hook) -> Bool {
        tables[KernelTable.filter.rawValue]?.chains[hook.rawValue]?.policy == .drop
    }
}

extension Rule {
    /// Whether a packet that it matches may never come to the rules after it.
    fileprivate func takesPackets(in table: KernelTable) -> Bool {
        switch target {
        case .nothing, .mark, .addToSet: false
        case .drop, .reject: true
        // What a firewall lets through, it lets through for us as well.
        case .accept, .return, .goto, .jump, .dnat, .masquerade: table == .nat
        case .other(let words): table == .nat && words.dropFirst().first != "LOG"
        }
    }

    /// Whether its addresses and ports can be those of a service or of a NodePort.
    fileprivate func mayConcern(ranges: [CIDR], nodePorts: ClosedRange<UInt16>) -> Bool {
        var mayBeAddress = true
        var mayBeNodePort = true
        for match in matches {
            switch match {
            case .destination(let range, let isNegated):
                if !isNegated {
                    mayBeAddress = mayBeAddress && ranges.contains { $0.overlaps(range) }
                }
            case .ports(_, let ports): mayBeNodePort = mayBeNodePort && ports.overlaps(nodePorts)
            case .destinationIsLocal(let isLocal): mayBeAddress = mayBeAddress && !isLocal
            default: break
            }
        }
        return mayBeAddress || mayBeNodePort
    }
}
