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
    var rangeProblem: String? { ranges.obstacle }

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
        var root = try RootDirectory.open(dir)
        let request = BundleRequest(
            name: name,
            addresses: addresses,
            podCIDRs: podCIDRs,
            namespaces: namespaces.isEmpty ? ["*"] : namespaces,
            isAdmin: admin,
            maximumServices: maxServices ?? 1024,
            labels: labels.map(\.pair),
            replacesName: replace,
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
