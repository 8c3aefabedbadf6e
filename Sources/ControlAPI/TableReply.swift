/// The agent's table as text, in the form of `iptables-save`.
package struct TableReply: Codable, Hashable, Sendable {
    /// `nft`, `legacy` or `none`.
    package let flavour: String
    package let generation: Int
    package let text: String

    package init(flavour: String, generation: Int, text: String) {
        self.flavour = flavour
        self.generation = generation
        self.text = text
    }
}

/// How the kernel's table compares with the agent's.
package struct TableVerification: Codable, Hashable, Sendable {
    package let matches: Bool
    /// `nft`, `legacy` or `none`.
    package let flavour: String
    /// Lines that are missing (`-`) or too many (`+`) in our chains.
    package let differences: [String]
    /// Rules of others that may take packets before ours see them.
    package let foreign: [String]

    package init(matches: Bool, flavour: String, differences: [String], foreign: [String] = []) {
        self.matches = matches
        self.flavour = flavour
        self.differences = differences
        self.foreign = foreign
    }
}

/// What was removed from the kernel.
package struct TableCleanup: Codable, Hashable, Sendable {
    /// Their names, as `nat GRAPEVINE`; empty where there was nothing of ours.
    package let removedChains: [String]

    package init(removedChains: [String]) { self.removedChains = removedChains }
}
