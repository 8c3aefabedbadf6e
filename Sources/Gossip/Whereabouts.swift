import Membership
import Registry
import Vocabulary

/// Which node says that it listens at an address.
///
/// It is a hint: whoever asks must look whether the HEAD of that node still says so.
struct Whereabouts: Sendable {
    private var nodes: [PeerAddress: NodeID] = [:]
    /// Addresses that more than one node named, with all of them, each sorted.
    private(set) var crowded: [PeerAddress: [NodeID]] = [:]

    /// So many addresses are crowded at most; beyond, one more is not noticed.
    private static let maximumCrowded = 256

    /// Who may be at an address, sorted.
    func candidates(at address: PeerAddress) -> [NodeID] {
        if let all = crowded[address] { return all }
        return nodes[address].map { [$0] } ?? []
    }

    /// Takes note of the first address in a HEAD.
    mutating func note(_ node: NodeID, at address: PeerAddress) {
        // To change nothing would copy all of it where another copy of the node holds it.
        guard nodes[address] != node else { return }
        guard let other = nodes.updateValue(node, forKey: address), other != node else { return }
        var all = crowded[address] ?? [other]
        guard crowded[address] != nil || crowded.count < Self.maximumCrowded else { return }
        all.admit(node)
        crowded[address] = all
    }

    /// Keeps of a crowded address those who still name it.
    mutating func keep(at address: PeerAddress, _ isThere: (NodeID) -> Bool) {
        guard let all = crowded[address] else { return }
        var kept: [NodeID] = []
        for node in all where isThere(node) { kept.append(node) }
        crowded[address] = kept.count > 1 ? kept : nil
        if kept.count == 1 { nodes[address] = kept[0] }
    }

    /// Whether so much of it must be out of date that it should be made anew.
    func isBloated(for members: Int) -> Bool { nodes.count > 2 * members + 64 }
}

extension [NodeID] {
    /// Puts a name in its place; these lists are short.
    fileprivate mutating func admit(_ node: NodeID) {
        guard !contains(node) else { return }
        append(node)
        sort()
    }
}

/// Where members are.
extension GossipNode {
    /// The members whose newest HEAD names an address first, sorted.
    func members(at address: PeerAddress) -> [NodeID] {
        var found: [NodeID] = []
        for node in whereabouts.candidates(at: address)
        where peers.address(of: node, in: store) == address {
            found.append(node)
        }
        return found
    }

    /// Whether a member that lives, and that was heard in this run, is at an address.
    func isReached(_ address: PeerAddress) -> Bool {
        // Who hears nobody cannot bury anybody, and may be the one that is not let in.
        guard phase != .alone else { return false }
        for member in members(at: address) where isMet(member) { return true }
        return false
    }

    /// Whether a member lives, and was heard in this run.
    func isMet(_ node: NodeID) -> Bool {
        roster.state(of: node) == .alive && roster.lastHeard(node) != nil
    }

    /// Takes note of where a member says that it listens.
    mutating func locate(_ node: NodeID) {
        guard node != id, let address = store.shelf(of: node)?.content.addresses.first else {
            return
        }
        whereabouts.note(node, at: address)
        guard whereabouts.isBloated(for: store.authors.count) else { return }
        // Someone changes its address again and again.
        whereabouts = Whereabouts()
        for author in store.authors where author != id {
            guard let address = store.shelf(of: author)?.content.addresses.first else { continue }
            whereabouts.note(author, at: address)
        }
    }
}
