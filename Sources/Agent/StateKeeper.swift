import Host
import Vocabulary

/// Makes what this node does durable, and does not forget what the disk refused.
///
/// A wish that is refused comes to nothing, for its asker is told. All else that the node did of
/// its own accord is owed to the disk, and goes with the next write that it takes.
struct StateKeeper {
    private let store: KeyedStore
    private let board: Board
    private let journal: Journal
    private var owed: [Place: KeyedStore.Change] = [:]
    /// When the disk is tried again; `nil` while it works.
    private var retryDue: Instant?

    /// Whether everything is on the disk that should be.
    var isSettled: Bool { owed.isEmpty }

    /// How often a disk that refused something is tried again.
    static let patience = Duration.seconds(2)

    private struct Place: Hashable {
        let space: String
        let key: [UInt8]

        init(_ change: KeyedStore.Change) {
            switch change {
            case .put(let space, let key, _), .remove(let space, let key):
                self.space = space
                self.key = key
            }
        }
    }

    init(_ store: KeyedStore, board: Board, journal: Journal) {
        self.store = store
        self.board = board
        self.journal = journal
    }

    /// Writes changes, after everything that is owed.
    ///
    /// - Parameters:
    ///   - changes: In order.
    ///   - isWish: Whether somebody waits for them: then they are not owed where they fail.
    /// - Returns: Why nothing was written, or `nil`.
    mutating func write(_ changes: [KeyedStore.Change], asWish isWish: Bool) async -> StoreError? {
        do throws(StoreError) {
            try await store.write(Array(owed.values) + changes)
            recover()
            return nil
        } catch {
            if !isWish {
                for change in changes { owed[Place(change)] = change }
            }
            complain(error)
            return error
        }
    }

    /// Tries a disk again that refused something, in case there is room now.
    mutating func retry(at now: Instant) async {
        guard let due = retryDue, now >= due else { return }
        retryDue = now + Self.patience
        do throws(StoreError) {
            // What changes nothing is written as well: the trouble must end when there is room.
            try await store.touch()
            try await store.write(Array(owed.values))
            recover()
        } catch {
            complain(error)
        }
    }

    private mutating func recover() {
        owed = [:]
        retryDue = nil
        board.setTrouble(.disk, nil)
    }

    private mutating func complain(_ error: StoreError) {
        if retryDue == nil { retryDue = .zero }
        journal.fail("disk", error.description)
        board.setTrouble(.disk, error.description)
    }
}
