/// What many stores of one process hold in common, so that what is equal in ten thousand
/// simulated nodes is in memory once.
///
/// It changes nothing that can be seen of a store. The agent has none.
package final class StoreSharing: @unchecked Sendable {
    // Not safe between threads: a world and all its nodes have one.

    let tries = TrieSharing()
    /// By the hash of the HEAD: the one that was shown last.
    private var shelves: [RecordHash: AuthorShelf] = [:]

    /// So many HEADs are remembered, and then forgotten: what is shared already stays so.
    private static let limit = 65_536

    package init() {}

    /// The shelf to hold in place of this one: the same, and perhaps somebody else's too.
    func shelf(_ shelf: AuthorShelf) -> AuthorShelf {
        let name = shelf.head.hash
        if let known = shelves[name], known.isTwin(of: shelf) { return known }
        if shelves.count >= Self.limit { shelves = [:] }
        shelves[name] = shelf
        return shelf
    }
}
