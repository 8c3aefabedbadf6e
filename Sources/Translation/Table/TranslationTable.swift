/// The rules that are ours: wanted, or as the kernel has them.
///
/// Foreign rules are never in it.
package struct TranslationTable: Hashable, Sendable {
    package let nat: Section
    package let filter: Section

    /// One table of the kernel, as far as it is ours.
    package struct Section: Hashable, Sendable {
        /// Sorted by name, unique.
        package let chains: [Chain]
        /// Sorted by hook; within a hook in the order they are tried.
        package let jumps: [Jump]

        package init(chains: [Chain] = [], jumps: [Jump] = []) {
            self.chains = chains.sorted { $0.name < $1.name }
            self.jumps = Hook.allCases.flatMap { hook in jumps.filter { $0.hook == hook } }
        }

        /// The chain of a name, found by halves.
        package func chain(named name: String) -> Chain? {
            let place = place(of: name)
            return place < chains.count && chains[place].name == name ? chains[place] : nil
        }

        /// The chains whose names begin so, sorted.
        func chains(beginning prefix: String) -> ArraySlice<Chain> {
            let rest = chains[place(of: prefix)...]
            return rest.prefix { $0.name.hasPrefix(prefix) }
        }

        /// Where a chain of this name is, or would be.
        private func place(of name: String) -> Int {
            var (low, high) = (0, chains.count)
            while low < high {
                let middle = (low + high) / 2
                if chains[middle].name < name { low = middle + 1 } else { high = middle }
            }
            return low
        }

        package var ruleCount: Int { chains.reduce(jumps.count) { $0 + $1.rules.count } }

        func jumps(from hook: Hook) -> [Jump] { jumps.filter { $0.hook == hook } }
    }

    package init(nat: Section, filter: Section) {
        self.nat = nat
        self.filter = filter
    }

    /// No rule of ours at all.
    package static let empty = TranslationTable(nat: Section(), filter: Section())

    package subscript(table: KernelTable) -> Section {
        switch table {
        case .nat: nat
        case .filter: filter
        }
    }

    /// All service ports that have chains, by `ChainName.portKey`, sorted.
    package var ports: [String] {
        Set(nat.chains.compactMap { ChainName.portKey(of: $0.name) }).sorted()
    }

    /// The endpoints that the rules of one service port give packets to, sorted.
    package func endpoints(ofPort key: String) -> [SocketAddress] {
        var found: Set<SocketAddress> = []
        for prefix in ChainName.portPrefixes {
            for chain in nat.chains(beginning: prefix + key) {
                for rule in chain.rules {
                    if case .dnat(let endpoint) = rule.target { found.insert(endpoint) }
                }
            }
        }
        return found.sorted()
    }

    package var chainCount: Int { nat.chains.count + filter.chains.count }

    /// Jumps from built-in chains count too.
    package var ruleCount: Int { nat.ruleCount + filter.ruleCount }
}

extension TranslationTable {
    /// The ipsets that the rules name, sorted by name: who stays with which endpoint.
    ///
    /// They are no part of iptables, so that the machine has to do this, by `SetChange`:
    /// - `creation` is fed to `ipset restore -exist` before the first run: a rule that names a
    ///   set which is not there is refused. Sets that are there stay as they are, with the
    ///   clients in them, also across a restart of the agent.
    /// - `removal` is fed to it after the last run, when no rule names them any more: an
    ///   endpoint that is no longer chosen forgets its clients, and they choose anew. Where the
    ///   kernel still holds a set for a moment, the next change finds and removes it.
    package var sets: [ClientSet] {
        let names = nat.chains.flatMap { chain in
            chain.name.hasPrefix(ChainName.endpointPrefix) ? chain.rules.compactMap(\.set) : []
        }
        return Set(names).sorted().compactMap { ClientSet(named: $0) }
    }

    /// The whole table as `iptables-save` would print it where nothing else is.
    package var text: String {
        var lines: [String] = []
        for table in KernelTable.allCases {
            let section = self[table]
            lines.append("*\(table.rawValue)")
            lines += table.hooks.map { ":\($0.rawValue) ACCEPT [0:0]" }
            lines += section.chains.map { ":\($0.name) - [0:0]" }
            lines += section.jumps.map { "-A \($0.hook.rawValue) \($0.rule.text)" }
            for chain in section.chains {
                lines += chain.rules.map { "-A \(chain.name) \($0.text)" }
            }
            lines.append("COMMIT")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Rule {
    /// The set that it puts clients into.
    fileprivate var set: String? {
        if case .addToSet(let name, _) = target { name } else { nil }
    }
}

extension KernelTable {
    /// The built-in chains it has.
    package var hooks: [Hook] {
        switch self {
        case .nat: [.prerouting, .input, .output, .postrouting]
        case .filter: [.input, .forward, .output]
        }
    }
}
