import Names
import Synchronization
import Vocabulary

/// What all who answer questions share: the newest index, and what was counted.
final class NameDesk: Sendable {
    private let index: Mutex<NamesIndex>
    private let tally = Mutex(NameTally())
    /// Rises with every new index: read before each turn, so that it costs no lock.
    private let generation = Atomic<UInt64>(0)

    let zone: Zone
    /// Where programs of this machine ask.
    let listener: PeerAddress

    init(zone: Zone, listener: PeerAddress) {
        self.zone = zone
        self.listener = listener
        index = Mutex(NamesIndex(zone: zone))
    }

    var latest: NamesIndex { index.withLock { $0 } }

    /// The newest index, where it is newer than one of this generation.
    func index(after known: UInt64) -> NamesIndex? {
        generation.load(ordering: .acquiring) == known ? nil : latest
    }

    /// Lets everybody answer by a view from now on.
    func follow(_ order: NameOrder) {
        // The index is copied while others answer from it, and changed outside the lock.
        var next = latest
        guard next.follow(order.view, isWhole: order.isWhole) else { return }
        let made = next
        index.withLock { $0 = made }
        generation.store(made.generation, ordering: .releasing)
    }

    func add(_ counts: NameTally) { tally.withLock { $0.add(counts) } }

    func measure(into journal: Journal) { tally.withLock { $0 }.measure(into: journal) }
}
