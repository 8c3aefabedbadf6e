import Gossip
import Vocabulary

/// Turns node ids into what people call them, and says where they are.
struct NameList: Sendable {
    private let names: [NodeID: String]
    private let addresses: [NodeID: PeerAddress]
    /// Where peers are told to reach this node; `nil` where that is not known yet.
    private let own: PeerAddress?

    init(_ nodes: [NodeSummary], own: PeerAddress? = nil) {
        var names: [NodeID: String] = [:]
        var addresses: [NodeID: PeerAddress] = [:]
        for node in nodes where names[node.id] == nil {
            names[node.id] = node.name
            addresses[node.id] = node.address
        }
        self.names = names
        self.addresses = addresses
        self.own = own
    }

    init(_ publication: Publication) {
        self.init(publication.nodes, own: publication.addresses.first)
    }

    /// The name, or the beginning of the id of a node that nobody here knows.
    subscript(id: NodeID) -> String { names[id] ?? id.short }

    /// `10.0.0.3:7747`.
    func knownAddress(of id: NodeID) -> String? { addresses[id]?.description }

    /// `10.0.0.3:7747`, or that nobody knows.
    func address(of id: NodeID) -> String { addresses[id]?.description ?? "an unknown address" }

    /// `10.0.0.3`, or a word in its place.
    func hostText(of id: NodeID) -> String { addresses[id]?.address.description ?? "ADDRESS" }

    /// `7747`, or a word in its place.
    func portText(of id: NodeID) -> String { addresses[id].map { "\($0.port)" } ?? "PORT" }

    /// `pi-3 (10.0.0.3:7747)`.
    func place(of id: NodeID) -> String { "\(self[id]) (\(address(of: id)))" }

    /// Where peers reach this node.
    var here: String { own?.description ?? "this machine" }

    /// The same without its port.
    var hereText: String { own?.address.description ?? "ADDRESS" }

    /// The port alone.
    var port: String { own.map { "\($0.port)" } ?? "PORT" }
}
