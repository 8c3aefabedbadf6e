import ArgumentParser
import Foundation
import Vocabulary

/// `grapevine trust init|issue|token|renew|request|revoke|load|show`.
struct TrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Make a cluster, and say who belongs to it.",
        subcommands: [
            TrustInit.self, TrustIssue.self, TrustToken.self, TrustRenew.self,
            TrustRequest.self, TrustRevoke.self, TrustLoad.self, TrustShow.self,
        ]
    )

    init() {}
}

/// `grapevine trust init`.
struct TrustInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new cluster: its root key and its address ranges.",
        discussion: "Keep the directory safe: whoever has the root key decides who belongs to it."
    )

    @Option(help: ArgumentHelp("Where the root key goes.", valueName: "dir"))
    var dir: String

    @Option(help: ArgumentHelp("The cluster's name, for people.", valueName: "name"))
    var cluster: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Where ClusterIPs are taken from: a range of IPv4, one of IPv6, or one of each.",
            valueName: "cidr"
        )
    )
    var serviceCidr: [CIDR] = [.usual]

    @Option(help: ArgumentHelp("Where NodePorts are taken from.", valueName: "a-b"))
    var nodePorts = PortRange(30000...32767)

    init() {}

    func validate() throws {
        guard cluster.isDNSLabel else {
            throw ValidationError("--cluster \(cluster): a name is 1...63 of a-z, 0-9 and -")
        }
        for cidr in serviceCidr where cidr.family == .v4 && !(4...20).contains(cidr.hostBits) {
            throw ValidationError("--service-cidr \(cidr): from /12 to /28 in IPv4")
        }
        if let problem = rangeProblem { throw ValidationError("--service-cidr: \(problem)") }
    }

    func run() async throws {
        try Terminal.show(try withPlainErrors { try make() })
    }
}

/// `grapevine trust issue`.
struct TrustIssue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Make a bundle with which a machine may join.",
        discussion: "The bundle holds the machine's key: copy it there and nowhere else."
    )

    @Option(help: ArgumentHelp("Where the root key is.", valueName: "dir"))
    var dir: String

    @Option(help: ArgumentHelp("The node's name.", valueName: "node"))
    var name: String

    @Option(
        name: .customLong("address"),
        parsing: .upToNextOption,
        help: ArgumentHelp("The machine's addresses; endpoints may be there.", valueName: "ip")
    )
    var addresses: [IPAddress]

    @Option(
        name: .customLong("pod-cidr"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Ranges in which its endpoints may be too.", valueName: "cidr")
    )
    var podCIDRs: [CIDR] = []

    @Option(
        name: .customLong("namespace"),
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Namespaces in which it may declare services; a * at the end stands for anything. "
                + "(default: *)",
            valueName: "pattern"
        )
    )
    var namespaces: [String] = []

    @Flag(help: "It may delete what others declare.")
    var admin = false

    @Option(help: ArgumentHelp("How many services it may declare.", valueName: "n"))
    var maxServices: UInt16?

    @Option(
        name: .customLong("label"),
        parsing: .upToNextOption,
        help: ArgumentHelp("What the root says of the machine.", valueName: "key=value")
    )
    var labels: [Label] = []

    @Flag(help: "Take a new key though the name was issued before.")
    var replace = false

    @Option(help: ArgumentHelp("Where the bundle goes.", valueName: "file"))
    var out: String

    init() {}

    func validate() throws {
        guard name.isDNSLabel else {
            throw ValidationError("--name \(name): a name is 1...63 of a-z, 0-9 and -")
        }
        guard !addresses.isEmpty else { throw ValidationError("--address needs an address") }
        for address in addresses where !address.isUnicast {
            throw ValidationError("--address \(address): others could not reach the machine there")
        }
        try checkPatterns(namespaces)
    }

    func run() async throws {
        try Terminal.show(try withPlainErrors { try issue() })
    }
}

/// Whether these are names of namespaces, or beginnings of such and a star.
///
/// - Throws: `ValidationError` that names the one that is not.
func checkPatterns(_ namespaces: [String]) throws {
    for pattern in namespaces {
        let name = pattern.hasSuffix("*") ? pattern.dropLast() + "a" : pattern
        guard name.isDNSLabel else {
            throw ValidationError("--namespace \(pattern): a name, or its beginning and *")
        }
    }
}

extension CIDR {
    /// 10.96.0.0/16: where Kubernetes is used to find its services.
    fileprivate static var usual: CIDR {
        guard let range = CIDR("10.96.0.0/16") else {
            preconditionFailure("10.96.0.0/16 is a range")
        }
        return range
    }
}

/// Ports from one to another, both included: `30000-32767`.
struct PortRange: Hashable, Sendable, ExpressibleByArgument, CustomStringConvertible {
    let ports: ClosedRange<UInt16>

    init(_ ports: ClosedRange<UInt16>) { self.ports = ports }

    /// - Parameter argument: Two ports above 1023, the smaller first.
    init?(argument: String) {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false)
            .map { UInt16($0) }
        guard ends.count == 2, let low = ends[0], let high = ends[1], low > 1023, low <= high
        else { return nil }
        ports = low...high
    }

    var description: String { "\(ports.lowerBound)-\(ports.upperBound)" }
}
