/// How the agent is: what `grapevine status` prints.
package struct StatusReply: Codable, Hashable, Sendable {
    /// The node's name.
    package var name: String
    /// The cluster's name.
    package var cluster: String
    /// 32 hexadecimal digits.
    package var clusterID: String
    /// 32 hexadecimal digits.
    package var nodeID: String
    package var version: String
    /// The commit that the agent was built of; absent where whoever built it did not say.
    package var commit: String?
    package var state: State
    /// Equal on two agents exactly when they see the same services, endpoints and addresses.
    package var viewDigest: String
    package var members: Members
    /// How many services this node sees.
    package var services: Int
    /// How many endpoints this node sees.
    package var endpoints: Int
    package var table: Table
    package var serviceCIDR: String
    /// Both ends included: `30000-32767`.
    package var nodePorts: String
    /// Where peers reach this node: `10.0.0.1:7747`.
    package var address: String
    /// Seconds since the agent started.
    package var startedSeconds: Double
    /// How far this machine's clock is behind the middle of the clocks that were heard in the last
    /// minute, its own among them, in seconds, to the millisecond; negative where it is ahead, 0 where none was heard.
    package var clockBehindSeconds: Double
    package var gossip: Gossip
    /// Datagrams and records dropped since the start, by reason.
    package var rejected: [String: Int]
    /// What a person should look at, a sentence each; empty where all is well.
    package var troubles: [String]

    package enum State: String, Codable, CaseIterable, Sendable {
        /// Has not heard any peer yet, nor given up waiting for one.
        case joining
        case working
        /// Has no peers, and knows of none.
        case alone
        /// Serves, and something is wrong; `troubles` says what.
        case degraded
    }

    /// How many members are in each state; this node counts too.
    package struct Members: Codable, Hashable, Sendable {
        package var alive = 0
        package var suspect = 0
        package var dead = 0
        package var left = 0
        /// Of those that count as alive: nothing ever came from them since this agent started.
        package var unheard = 0

        package init() {}

        /// Counts the members of a list.
        package init(of list: MemberList) {
            for member in list.items {
                switch member.state {
                case .alive:
                    alive += 1
                    if member.isUnheard { unheard += 1 }
                case .suspect: suspect += 1
                case .dead: dead += 1
                case .left: left += 1
                }
            }
        }
    }

    /// This machine's rules.
    package struct Table: Codable, Hashable, Sendable {
        /// Whether the kernel holds what the view says.
        package var programmed: Bool
        /// Rises with every change that was written.
        package var generation: Int
        /// `nft`, `legacy` or `none`.
        package var flavour: String
        package var chains: Int
        package var rules: Int
        /// Why the last write failed; absent where it did not.
        package var lastError: String?
        /// Whether `grapevine freeze` keeps the agent from writing.
        package var frozen: Bool
        /// Services that are left out because iptables refuses their rules, sorted:
        /// `namespace/name`.
        package var quarantined: [String]
        /// What is worth knowing of this machine though nothing is wrong, each with its code.
        package var notes: [String]

        package init(
            programmed: Bool,
            generation: Int,
            flavour: String,
            chains: Int,
            rules: Int,
            lastError: String? = nil,
            frozen: Bool = false,
            quarantined: [String] = [],
            notes: [String] = []
        ) {
            self.programmed = programmed
            self.generation = generation
            self.flavour = flavour
            self.chains = chains
            self.rules = rules
            self.lastError = lastError
            self.frozen = frozen
            self.quarantined = quarantined
            self.notes = notes
        }
    }

    /// Datagrams since the start.
    package struct Gossip: Codable, Hashable, Sendable {
        package var packetsSent = 0
        package var packetsReceived = 0
        package var bytesSent = 0
        package var bytesReceived = 0

        package init() {}
    }

    package init(
        name: String,
        cluster: String,
        clusterID: String,
        nodeID: String,
        version: String = Version.current,
        commit: String? = Version.commit,
        state: State,
        viewDigest: String,
        members: Members,
        services: Int,
        endpoints: Int,
        table: Table,
        serviceCIDR: String,
        nodePorts: String,
        address: String,
        startedSeconds: Double,
        clockBehindSeconds: Double = 0,
        gossip: Gossip = Gossip(),
        rejected: [String: Int] = [:],
        troubles: [String] = []
    ) {
        self.name = name
        self.cluster = cluster
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.version = version
        self.commit = commit
        self.state = state
        self.viewDigest = viewDigest
        self.members = members
        self.services = services
        self.endpoints = endpoints
        self.table = table
        self.serviceCIDR = serviceCIDR
        self.nodePorts = nodePorts
        self.address = address
        self.startedSeconds = startedSeconds
        self.clockBehindSeconds = clockBehindSeconds
        self.gossip = gossip
        self.rejected = rejected
        self.troubles = troubles
    }
}
