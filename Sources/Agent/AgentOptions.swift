package import Vocabulary

/// What an agent is told on its command line, in its environment or in its file.
package struct AgentOptions: Hashable, Sendable {
    /// Path of the bundle that `trust issue` made; `nil` where a token lets the machine in, or did
    /// so before.
    package var bundle: String?
    /// A join token as people pasted it; not needed where the machine was let in before.
    package var token: String?
    /// What the machine shall be called where a token lets it in; else as the machine is.
    package var name: String?
    /// Where its pods are, where a token lets it in.
    package var podCIDRs: [CIDR]
    package var dataDirectory: String
    package var socket: String
    /// Where it listens; port 0 is for tests.
    package var bind: PeerAddress
    /// The address that peers are told, where it is not the one of `bind`.
    package var advertise: IPAddress?
    /// `HOST:PORT`, resolved again each time.
    package var peers: [String]
    /// A directory of manifests that are declared while they are there.
    package var manifests: String?
    /// What the zone of this machine is called, as endpoints name theirs; empty where it has none.
    package var zone: String
    package var table: TableWriter
    /// Where it answers for names of services; `nil` where it does not.
    package var dns: PeerAddress?
    /// What those names end with.
    package var dnsZone: String
    /// The loopback address at which readers are answered over TCP; `nil` for none.
    package var http: PeerAddress?
    package var logLevel: String
    /// Whether a damaged database is set aside, and what is whole in it kept.
    package var salvage: Bool

    /// Who writes the rules.
    package enum TableWriter: String, Hashable, Sendable {
        case iptables
        case none
    }

    package init(
        bundle: String? = nil,
        token: String? = nil,
        name: String? = nil,
        podCIDRs: [CIDR] = [],
        dataDirectory: String,
        socket: String,
        bind: PeerAddress,
        advertise: IPAddress? = nil,
        peers: [String] = [],
        manifests: String? = nil,
        zone: String = "",
        table: TableWriter = .iptables,
        dns: PeerAddress? = nil,
        dnsZone: String = "cluster.local",
        http: PeerAddress? = nil,
        logLevel: String = "info",
        salvage: Bool = false
    ) {
        self.bundle = bundle
        self.token = token
        self.name = name
        self.podCIDRs = podCIDRs
        self.dataDirectory = dataDirectory
        self.socket = socket
        self.bind = bind
        self.advertise = advertise
        self.peers = peers
        self.manifests = manifests
        self.zone = zone
        self.table = table
        self.dns = dns
        self.dnsZone = dnsZone
        self.http = http
        self.logLevel = logLevel
        self.salvage = salvage
    }
}

/// Why an agent does not start, or `trust` does nothing: one sentence with what to do next.
package struct AgentError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
