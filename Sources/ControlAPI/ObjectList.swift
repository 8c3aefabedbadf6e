package import Registry
import Vocabulary

/// A Kubernetes `v1 List`, so that what people know of `kubectl get -o json` holds here.
package struct ObjectList<Item: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    package private(set) var apiVersion = "v1"
    package private(set) var kind = "List"
    package let items: [Item]

    package init(_ items: [Item]) { self.items = items }
}

/// A node, as its certificate describes it.
package struct NodeObject: Codable, Hashable, Sendable {
    package private(set) var apiVersion = "grapevine/v1"
    package private(set) var kind = "Node"
    package let name: String
    /// 32 hexadecimal digits.
    package let id: String
    package let addresses: [String]
    /// Where its endpoints may be, beside its own addresses.
    package let podCIDRs: [String]

    package init(_ node: NodeView) {
        name = node.name
        id = node.id.description
        addresses = node.addresses.map(\.description)
        podCIDRs = node.podCIDRs.map(\.description)
    }
}

extension ObjectList<NodeObject> {
    /// The nodes of a view, sorted by name.
    package init(nodesOf view: ClusterView) {
        self.init(view.nodes.map(NodeObject.init).sorted { ($0.name, $0.id) < ($1.name, $1.id) })
    }
}

/// The names of nodes, for showing.
struct NodeNames: Hashable, Sendable {
    private let names: [NodeID: String]

    init(_ nodes: [NodeView]) {
        names = Dictionary(nodes.map { ($0.id, $0.name) }) { first, _ in first }
    }

    /// The nodes that are called otherwise there.
    func changes(to other: NodeNames) -> Set<NodeID> {
        guard names != other.names else { return [] }
        let both = names.keys.sorted() + other.names.keys.sorted()
        return Set(both.filter { names[$0] != other.names[$0] })
    }

    /// The node's name, or its id where we have not heard the name.
    subscript(id: NodeID) -> String { names[id] ?? id.description }
}

/// One `status.conditions[]` entry.
package struct Condition: Codable, Hashable, Sendable {
    package let type: String
    /// `True` or `False`.
    package let status: String
    /// One word for programs.
    package let reason: String
    /// A sentence for people.
    package let message: String

    package init(type: String, _ isTrue: Bool, reason: String, message: String) {
        self.type = type
        status = isTrue ? "True" : "False"
        self.reason = reason
        self.message = message
    }

    package var isTrue: Bool { status == "True" }
}
