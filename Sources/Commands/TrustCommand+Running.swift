import Agent
import ControlAPI
import Foundation
import Host
import Registry
import Vocabulary

/// Turns the errors of the agent's files into failures of a command.
func withPlainErrors<Value>(_ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as AgentError {
        throw Failure(.failed, error.description)
    }
}

extension TrustInit {
    /// The address space asked for.
    var ranges: AddressRanges {
        AddressRanges(
            serviceRanges: serviceCidr.map { ServiceRange($0) },
            nodePorts: nodePorts.ports
        )
    }

    /// What is wrong with it, in a person's words, or `nil`.
    var rangeProblem: String? { ranges.problem }

    /// Makes the directory and says what to do next.
    func make() throws -> Answer {
        let root = try RootDirectory.make(
            in: dir,
            cluster: cluster,
            ranges: ranges
        )
        return Answer(
            "Created cluster \"\(cluster)\"  id \(root.anchor.cluster)  services \(ranges.serviceText)  "
                + "NodePorts \(nodePorts)",
            notes: [
                "The root key is in \(dir): back it up, and keep it away from the machines.",
                "Next, for each machine: grapevine trust issue --dir \(dir) --name NODE "
                    + "--address IP --out NODE.bundle",
            ]
        )
    }
}

extension TrustIssue {
    /// Writes the bundle and says what to do next.
    func issue() throws -> Answer {
        let root = try RootDirectory.open(dir)
        let request = BundleRequest(
            name: name,
            addresses: addresses,
            podCIDRs: podCIDRs,
            namespaces: namespaces.isEmpty ? ["*"] : namespaces,
            isAdmin: admin,
            maximumServices: maxServices ?? 1024,
            path: out
        )
        let content = try root.issue(request, at: WallClock.now())
        let end = Date(timeIntervalSince1970: Double(content.notAfter)).ISO8601Format()
        return Answer(
            "Issued \(out) for \(name) (\(NodeID(of: content.key).short)), valid until \(end)",
            notes: [
                "It holds the node's key: copy it to \(name) and nowhere else. There: grapevine "
                    + "agent --bundle \(out) --peer HOST:PORT"
            ]
        )
    }
}

/// What `trust show` prints, as JSON too.
struct TrustReply: Codable, Hashable, Sendable {
    var cluster: String
    var clusterID: String
    var serviceCIDR: String
    var nodePorts: String
    var roots: [String]?
    var node: String?
    var nodeID: String?
    var addresses: [String]?
    var podCIDRs: [String]?
    var namespaces: [String]?
    var admin: Bool?
    var maxServices: Int?
    var notBefore: String?
    var notAfter: String?

    private init(_ settings: ClusterSettings, _ cluster: ClusterID) {
        self.cluster = settings.name
        clusterID = cluster.description
        serviceCIDR = settings.ranges.serviceText
        let ports = settings.ranges.nodePorts
        nodePorts = "\(ports.lowerBound)-\(ports.upperBound)"
    }

    init(_ root: RootDirectory) {
        self.init(root.settings, root.anchor.cluster)
        roots = root.anchor.roots.map { NodeID(of: $0).description }
    }

    init(_ bundle: BundleSummary) {
        self.init(bundle.settings, bundle.cluster)
        let content = bundle.certificate
        func day(_ seconds: UInt64) -> String {
            Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
        }
        node = content.name
        nodeID = bundle.node.description
        addresses = content.addresses.map(\.description)
        podCIDRs = content.podCIDRs.map(\.description)
        namespaces = content.namespaces
        admin = content.isAdmin
        maxServices = Int(content.maximumServices)
        notBefore = day(content.notBefore)
        notAfter = day(content.notAfter)
    }
}

extension TrustShow {
    /// Reads what is there and shows it without its secrets.
    func read(environment: [String: String]) throws -> Answer {
        let reply: TrustReply
        if let dir {
            reply = TrustReply(try RootDirectory.open(dir))
        } else {
            reply = TrustReply(try BundleSummary(reading: bundle ?? ""))
        }
        switch try output.format(in: environment) {
        case .json: return Answer(Rendering.json(reply))
        case .yaml, .table, .wide: return Answer(try Rendering.yaml(reply))
        case .name: return Answer(reply.node ?? reply.cluster)
        }
    }
}
