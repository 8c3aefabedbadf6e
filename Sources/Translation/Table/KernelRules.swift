/// What a kernel's tables hold, ours and foreign, as `iptables-save` prints them, and what
/// `iptables-restore --noflush` makes of them.
///
/// Reading a save is restoring it into nothing: one interpreter serves both.
package struct KernelRules: Sendable {
    private(set) var tables: [String: Contents] = [:]

    /// One table, by the names of its chains.
    struct Contents: Sendable {
        var chains: [String: KernelChain] = [:]

        /// Sorted, so that no order of a dictionary gets out.
        var names: [String] { chains.keys.sorted() }
    }

    struct KernelChain: Sendable {
        /// Only built-in chains have one.
        var policy: Policy?
        var rules: [Rule] = []
    }

    enum Policy: String, Sendable {
        case accept = "ACCEPT"
        case drop = "DROP"
    }

    /// A kernel without rules.
    package init() {}

    /// - Throws: `RestoreError` where the text is not one of `iptables-save`.
    package init(parsing text: some StringProtocol) throws(RestoreError) {
        try restore(text)
    }

    /// Does what `iptables-restore --noflush` does with this text: each table by itself, at its
    /// COMMIT, or not at all.
    ///
    /// - Throws: `RestoreError`, after which the tables before the faulty one are changed, this
    ///   one and those after it are not: as in the kernel.
    package mutating func restore(_ text: some StringProtocol) throws(RestoreError) {
        var open: (name: String, contents: Contents)?
        // By bytes: characters cost ten times as much, and rules are ASCII where it matters.
        for bytes in Substring(text).utf8.split(separator: UInt8(ascii: "\n"))
        where bytes.first != UInt8(ascii: "#") {
            let line = Substring(bytes)
            if line.hasPrefix("*") {
                let name = String(line.dropFirst())
                open = (name, tables[name] ?? Contents())
            } else if line == "COMMIT" {
                guard let (name, contents) = open else { throw .outsideTable("COMMIT") }
                try contents.checkReferences()
                tables[name] = contents
                open = nil
            } else {
                guard open != nil else { throw .outsideTable(String(line)) }
                try open?.contents.apply(Substring(line))
            }
        }
        if let (name, _) = open { throw .withoutCommit(name) }
    }
}

/// Why a text cannot be restored.
package enum RestoreError: Error, Hashable, Sendable, CustomStringConvertible {
    case outsideTable(String)
    case withoutCommit(String)
    case notUnderstood(String)
    case noSuchChain(String, line: String)
    case noSuchRule(line: String)
    case chainInUse(String)

    package var description: String {
        switch self {
        case .outsideTable(let line): "\"\(line)\" stands in no table"
        case .withoutCommit(let table): "table \(table) has no COMMIT"
        case .notUnderstood(let line): "\"\(line)\" is no line of a rules text"
        case .noSuchChain(let name, let line): "there is no chain \(name) for \"\(line)\""
        case .noSuchRule(let line): "there is no such rule to delete: \"\(line)\""
        case .chainInUse(let name): "chain \(name) is not empty or still has a jump to it"
        }
    }
}

extension KernelRules.Contents {
    fileprivate mutating func apply(_ line: Substring) throws(RestoreError) {
        var words = RuleWords.split(line)[...]
        // `iptables-save -c` begins each rule with its counters.
        if words.first?.hasPrefix("[") == true { words.removeFirst() }
        guard let command = words.popFirst() else { throw .notUnderstood(String(line)) }
        if command.hasPrefix(":") {
            declare(String(command.dropFirst()), policy: words.first)
            return
        }
        guard let name = words.popFirst() else { throw .notUnderstood(String(line)) }
        if command == "-A", chains[name] != nil {
            // In its place: most lines are of this kind.
            chains[name]?.rules.append(Rule(words: Array(words)))
            return
        }
        guard var chain = chains[name] else { throw .noSuchChain(name, line: String(line)) }
        switch command {
        case "-I":
            guard let place = words.popFirst().flatMap({ Int($0) }),
                (1...chain.rules.count + 1).contains(place)
            else { throw .notUnderstood(String(line)) }
            chain.rules.insert(Rule(words: Array(words)), at: place - 1)
        case "-D":
            let rule = Rule(words: Array(words))
            guard let place = chain.rules.firstIndex(of: rule) else {
                throw .noSuchRule(line: String(line))
            }
            chain.rules.remove(at: place)
        case "-X":
            guard chain.policy == nil, chain.rules.isEmpty else { throw .chainInUse(name) }
            chains[name] = nil
            return
        case _:
            throw .notUnderstood(String(line))
        }
        chains[name] = chain
    }

    /// Makes a chain, or empties a user-defined one that is there.
    private mutating func declare(_ name: String, policy: String?) {
        let policy = policy.flatMap(KernelRules.Policy.init)
        let rules = policy == nil ? [] : chains[name]?.rules ?? []
        chains[name] = KernelRules.KernelChain(policy: policy, rules: rules)
    }

    /// Every jump to a chain of ours must have one to go to: the kernel refuses others.
    fileprivate func checkReferences() throws(RestoreError) {
        for name in names {
            for rule in chains[name]?.rules ?? [] {
                guard let target = rule.destinationChain, ChainName.isOurs(target),
                    chains[target] == nil
                else { continue }
                throw .noSuchChain(target, line: "-A \(name) \(rule.text)")
            }
        }
    }
}

extension KernelRules {
    /// The rules as `iptables-save` prints them, but for its comments and counters; tables and
    /// user-defined chains are sorted by name.
    package var text: String {
        var lines: [String] = []
        for table in tables.keys.sorted() {
            guard let contents = tables[table] else { continue }
            let hooks = Hook.allCases.map(\.rawValue).filter { contents.chains[$0] != nil }
            let names = hooks + contents.names.filter { !hooks.contains($0) }
            lines.append("*\(table)")
            lines += names.map { name in
                ":\(name) \(contents.chains[name]?.policy?.rawValue ?? "-") [0:0]"
            }
            for name in names {
                lines += (contents.chains[name]?.rules ?? []).map { "-A \(name) \($0.text)" }
            }
            lines.append("COMMIT")
        }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }
}

extension TranslationTable {
    /// What of the kernel's rules is ours: our chains, and the jumps to them from built-in ones.
    package init(in kernel: KernelRules) {
        func section(_ table: KernelTable) -> Section {
            guard let contents = kernel.tables[table.rawValue] else { return Section() }
            let chains = contents.names.filter(ChainName.isOurs).map {
                Chain($0, contents.chains[$0]?.rules ?? [])
            }
            let jumps = table.hooks.flatMap { hook in
                (contents.chains[hook.rawValue]?.rules ?? [])
                    .filter { $0.destinationChain.map(ChainName.isOurs) == true }
                    .map { Jump(hook, $0) }
            }
            return Section(chains: chains, jumps: jumps)
        }
        self.init(nat: section(.nat), filter: section(.filter))
    }

    /// Reads what `iptables-save` printed and keeps what is ours.
    ///
    /// - Throws: `RestoreError` where the text is not one of `iptables-save`.
    package init(parsing text: some StringProtocol) throws(RestoreError) {
        self.init(in: try KernelRules(parsing: text))
    }
}
