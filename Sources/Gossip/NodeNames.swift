import Registry
import Vocabulary

/// The names of all nodes whose HEAD is known, the dead and departed too: kept true change by
/// change, for to read ten thousand HEADs each second would keep a processor busy.
struct NodeNames: Sendable {
    /// By id, rising.
    private(set) var list: [NodeSummary] = []

    /// Looks at these nodes again.
    mutating func read(_ nodes: [NodeID], from store: RecordStore) {
        for node in nodes { put(Self.summary(node, in: store), as: node) }
    }

    private mutating func put(_ summary: NodeSummary?, as node: NodeID) {
        var (place, end) = (0, list.count)
        while place < end {
            let middle = (place + end) / 2
            if list[middle].id < node { place = middle + 1 } else { end = middle }
        }
        let isThere = place < list.count && list[place].id == node
        switch (summary, isThere) {
        case (let summary?, true):
            // To change nothing would copy all of it where somebody else holds it.
            if list[place] != summary { list[place] = summary }
        case (let summary?, false): list.insert(summary, at: place)
        case (nil, true): list.remove(at: place)
        case (nil, false): break
        }
    }

    private static func summary(_ node: NodeID, in store: RecordStore) -> NodeSummary? {
        guard let head = store.shelf(of: node)?.content else { return nil }
        return NodeSummary(
            id: node,
            name: head.certificate.content.name,
            address: head.addresses.first
        )
    }
}
