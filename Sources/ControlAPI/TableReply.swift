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
    /// Switches of the kernel that an agent may have turned on and that stay, as `sysctl` writes
    /// them.
    package let kept: [String]

    package init(removedChains: [String], kept: [String] = []) {
        self.removedChains = removedChains
        self.kept = kept
    }
}

/// What would be written if the agent wrote now: nothing where the kernel is as it should be.
package struct TableDifference: Codable, Hashable, Sendable {
    /// Whether the agent is frozen, and so will not write it.
    package let frozen: Bool
    /// `nft` or `legacy`.
    package let flavour: String
    /// In the order they would be made.
    package let runs: [Run]

    /// One call of `iptables-restore --noflush`, or of `ip6tables-restore`.
    package struct Run: Codable, Hashable, Sendable {
        /// `IPv4` or `IPv6`.
        package let family: String
        package let text: String

        package init(family: String, text: String) {
            self.family = family
            self.text = text
        }
    }

    package init(frozen: Bool, flavour: String, runs: [Run]) {
        self.frozen = frozen
        self.flavour = flavour
        self.runs = runs
    }
}

/// Whether the agent writes rules from now on.
package struct FreezeReply: Codable, Hashable, Sendable {
    package let frozen: Bool

    package init(frozen: Bool) { self.frozen = frozen }
}

/// How many new connections the rules of this machine gave to each endpoint since the agent
/// started.
package struct ConnectionList: Codable, Hashable, Sendable {
    /// By namespace, name and port.
    package let items: [Port]

    /// One port of one service.
    package struct Port: Codable, Hashable, Sendable {
        package let namespace: String
        package let name: String
        /// Its name, or its number and protocol where it has none: `80/TCP`.
        package let port: String
        /// Those to endpoints that are gone by now count too.
        package let connections: Int
        /// Those that are there, by address.
        package let endpoints: [Endpoint]

        package init(
            namespace: String,
            name: String,
            port: String,
            connections: Int,
            endpoints: [Endpoint]
        ) {
            self.namespace = namespace
            self.name = name
            self.port = port
            self.connections = connections
            self.endpoints = endpoints
        }
    }

    package struct Endpoint: Codable, Hashable, Sendable {
        /// `10.1.2.5:8080`.
        package let address: String
        package let connections: Int

        package init(address: String, connections: Int) {
            self.address = address
            self.connections = connections
        }
    }

    package init(_ items: [Port]) { self.items = items }
}
