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
            Flags win over the environment (GRAPEVINE_BUNDLE, …), and that over --config.
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

    @Option(help: "Who writes the rules: iptables, or none. (default: iptables)")
    var table: TableWriter?

    @Flag(help: "Set a damaged database aside, keep what is whole in it, and start.")
    var salvage = false

    @Option(help: ArgumentHelp("A YAML file with any of these options.", valueName: "file"))
    var config: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: LogLevel?

    @Option(
        help: "text, logfmt or json. (default: text on a terminal, else logfmt)"
    )
    var logFormat: LogFormat?

    init() {}

    func validate() throws {
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
    }

    func run() async throws {
        try await runAgent(environment: ProcessInfo.processInfo.environment)
    }
}

extension AgentCommand {
    /// Who writes the rules.
    enum TableWriter: String, CaseIterable, ExpressibleByArgument, Sendable {
        case iptables
        /// Nobody: for trying things without root, and for machines that only gossip.
        case none
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
