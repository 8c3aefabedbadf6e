import ArgumentParser
import ControlAPI
import Foundation
import Vocabulary

/// `grapevine agent`.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run the agent of this machine.",
        discussion: """
            Gossips with its peers, and keeps this machine's table as the cluster's services ask.
            A stopped agent leaves its rules in place, and its machine stays a member: `grapevine table
            cleanup` removes the rules, `grapevine leave` takes the machine out of the cluster.
            Flags win over the environment (GRAPEVINE_BUNDLE, …), that over config.d/*.yaml beside
            the file of --config, and those over that file. SIGHUP reads all of it again: peers and
            log level are taken over, of the rest it is said that a restart is needed.
            """
    )

    @Option(help: ArgumentHelp("The node's bundle, from `trust issue`.", valueName: "file"))
    var bundle: String?

    @Option(
        help: ArgumentHelp(
            "A token from `trust token`, where the machine has no bundle. Others on the machine can "
                + "see it: better a file. Also GRAPEVINE_TOKEN.",
            valueName: "token"
        )
    )
    var token: String?

    @Option(help: ArgumentHelp("A file with a token; - is standard input.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "What a token makes of the machine. (default: its host name)",
            valueName: "node"
        )
    )
    var name: String?

    @Option(
        name: .customLong("pod-cidr"),
        help: ArgumentHelp("Where its pods are, with a token; may be repeated.", valueName: "cidr")
    )
    var podCIDRs: [CIDR] = []

    @Option(
        help: ArgumentHelp(
            "Where the agent keeps what it must not forget. (default: /var/lib/grapevine)",
            valueName: "dir"
        )
    )
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "Where commands reach the agent. (default: \(Route.defaultSocket))",
            valueName: "path"
        )
    )
    var socket: String?

    @Option(
        help: ArgumentHelp("Where it gossips, UDP. (default: 0.0.0.0:7747)", valueName: "ip:port")
    )
    var bind: PeerAddress?

    @Option(
        help: ArgumentHelp(
            "The address peers are told, where it is not the one of --bind.",
            valueName: "ip"
        )
    )
    var advertise: IPAddress?

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp("A machine to begin with; may be repeated.", valueName: "host:port")
    )
    var peers: [Peer] = []

    @Option(
        help: ArgumentHelp("Manifests to declare while they are there.", valueName: "dir")
    )
    var manifests: String?

    @Option(
        help: ArgumentHelp(
            "The zone of this machine, as endpoints name theirs: services with trafficDistribution "
                + "prefer those.",
            valueName: "zone"
        )
    )
    var zone: String?

    @Option(help: "Who writes the rules: iptables, or none. (default: iptables)")
    var table: TableWriter?

    @Option(
        help: ArgumentHelp(
            "Where it answers for names of services, UDP and TCP, or off. (default: 127.0.0.1:8653)",
            valueName: "ip:port"
        )
    )
    var dns: DNSListener?

    @Option(
        help: ArgumentHelp(
            "What those names end with. (default: cluster.local)",
            valueName: "domain"
        )
    )
    var dnsZone: String?

    @Option(
        help: ArgumentHelp(
            "Where readers are answered over TCP: a loopback address, or off. "
                + "(default: \(Route.defaultPort))",
            valueName: "ip:port"
        )
    )
    var http: ReadersAddress?

    @Flag(help: "Set a damaged database aside, keep what is whole in it, and start.")
    var salvage = false

    @Option(
        help: ArgumentHelp(
            "A YAML file with any of these options. (default: \(ConfigurationFiles.usual))",
            valueName: "file"
        )
    )
    var config: String?

    @Flag(help: "Read and check the configuration, and start nothing.")
    var checkConfig = false

    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: LogLevel?

    @Option(
        help: "text, logfmt or json. (default: text on a terminal, else logfmt)"
    )
    var logFormat: LogFormat?

    init() {}

    func validate() throws {
        if let complaint = http?.complaint { throw ValidationError("--http \(complaint)") }
        if let bind, bind.port == 0 { throw ValidationError("--bind needs a port, not 0") }
        if token != nil, tokenFile != nil {
            throw ValidationError("--token and --token-file exclude each other")
        }
        if bundle != nil, token != nil || tokenFile != nil {
            throw ValidationError(
                "--bundle and --token exclude each other: a bundle needs no token"
            )
        }
        if let name, !name.isDNSLabel {
            throw ValidationError("--name \(name): a name is 1...32 of a-z, 0-9 and -")
        }
        if let advertise, !advertise.isUnicast {
            throw ValidationError("--advertise \(advertise) is no address peers could reach")
        }
        if let zone, !zone.isZone {
            throw ValidationError("--zone \(zone): a zone is \(String.zoneForm)")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        if checkConfig { return try Terminal.show(checkedConfiguration(environment: environment)) }
        try await runAgent(environment: environment)
    }
}

extension AgentCommand {
    /// Who writes the rules.
    enum TableWriter: String, CaseIterable, ExpressibleByArgument, Sendable {
        case iptables
        /// Nobody: for trying things without root, and for machines that only gossip.
        case none
    }

    /// Where names are answered.
    enum DNSListener: Hashable, Sendable, ExpressibleByArgument {
        case at(PeerAddress)
        case off

        static let standard = PeerAddress(.v4(0x7f00_0001), port: 8653)

        init?(argument: String) {
            if argument == "off" {
                self = .off
            } else if let address = PeerAddress(argument), address.port != 0 {
                self = .at(address)
            } else {
                return nil
            }
        }
    }

    /// Where readers are answered, or that they are not.
    struct ReadersAddress: Hashable, Sendable, ExpressibleByArgument {
        /// `nil` for off.
        let address: PeerAddress?

        /// - Parameter argument: `127.0.0.1:7980`, `[::1]:7980`, `off`.
        init?(argument: String) {
            let address = PeerAddress(argument)
            guard address != nil || argument == "off" else { return nil }
            self.address = address
        }

        /// Why readers cannot be answered there, or `nil`.
        var complaint: String? {
            guard let address else { return nil }
            if address.port == 0 { return "needs a port, not 0" }
            guard !address.address.isLoopback else { return nil }
            return "\(address): only a loopback address, as 127.0.0.1 or [::1]: what is answered "
                + "there is neither encrypted nor asks who asks. For other machines put a proxy "
                + "in front that does"
        }
    }

    enum LogLevel: String, CaseIterable, ExpressibleByArgument, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// A host, by name or address, and a port.
    struct Peer: Hashable, Sendable, ExpressibleByArgument, CustomStringConvertible {
        let host: String
        let port: UInt16

        /// - Parameter argument: `pi-2:7747`, `10.0.0.2:7747`, `[fd00::2]:7747`.
        init?(argument: String) {
            if let address = PeerAddress(argument) {
                guard address.port != 0 else { return nil }
                host = address.address.description
                port = address.port
                return
            }
            let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.count <= 253,
                parts[0].split(separator: ".").allSatisfy({ $0.lowercased().isDNSLabel }),
                let number = UInt16(parts[1]), number != 0
            else { return nil }
            host = String(parts[0])
            port = number
        }

        var description: String {
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}

extension PeerAddress: ExpressibleByArgument {
    /// Reads `0.0.0.0:7747`.
    init?(argument: String) { self.init(argument) }
}

extension IPAddress: ExpressibleByArgument {
    /// Reads `10.0.0.1`.
    init?(argument: String) { self.init(argument) }
}

extension CIDR: ExpressibleByArgument {
    /// Reads `10.96.0.0/16`.
    init?(argument: String) { self.init(argument) }
}

extension String {
    /// Whether endpoints can name a zone so: a label's value that is not empty.
    var isZone: Bool { !isEmpty && isLabelValue }

    /// What a zone is made of, for messages.
    static var zoneForm: String { "1...63 of a-z A-Z 0-9 - _ . with a letter or digit at each end" }
}
