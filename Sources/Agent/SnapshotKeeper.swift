import Host
import Synchronization

/// Writes what other nodes said to the disk, behind the back of the node's loop.
///
/// It is for a fast start only: what is lost of it is learned again from peers. So nobody waits
/// for it, and of several values of one key only the newest is written.
final class SnapshotKeeper: Sendable {
    private struct Waiting: Sendable {
        /// By key; `nil` removes.
        var values: [[UInt8]: [UInt8]?] = [:]
        var isClosed = false
    }

    /// Changes of one transaction.
    private static let batch = 1024

    private let store: DisposableStore
    private let journal: Journal
    private let gathering: Duration
    private let patience: Duration
    private let limit: Int
    private let waiting = Mutex(Waiting())
    private let news: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// A keeper that has nothing to do yet.
    ///
    /// - Parameters:
    ///   - store: Where it writes.
    ///   - journal: Where it complains.
    ///   - gathering: How long changes are gathered before they are written.
    ///   - patience: How long it waits after the disk refused them.
    ///   - limit: Keys that wait at most: several times what the largest cluster has. Beyond, what
    ///     comes last is not written, and the next start asks peers for it.
    init(
        _ store: DisposableStore,
        journal: Journal,
        gathering: Duration = .milliseconds(500),
        patience: Duration = .seconds(5),
        limit: Int = 262_144
    ) {
        self.store = store
        self.journal = journal
        self.gathering = gathering
        self.patience = patience
        self.limit = limit
        (news, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// How many keys wait to be written.
    var backlog: Int { waiting.withLock { $0.values.count } }

    /// Takes one change of one key, and never waits; `nil` removes the key.
    func put(_ key: [UInt8], _ value: [UInt8]?) {
        let isLost = waiting.withLock { waiting in
            guard waiting.values.count < limit || waiting.values[key] != nil else {
                return true
            }
            waiting.values[key] = .some(value)
            return false
        }
        if isLost { journal.count(.snapshotDropped) }
        bell.yield()
    }

    /// Writes until it is closed, and then what waits still.
    func run() async {
        for await _ in news {
            await rest(gathering)
            while !(await flush()), !isClosed { await rest(patience) }
        }
        _ = await flush()
    }

    /// No more comes.
    func close() {
        waiting.withLock { $0.isClosed = true }
        bell.finish()
    }

    private var isClosed: Bool { waiting.withLock { $0.isClosed } }

    /// Writes everything that waits.
    ///
    /// - Returns: Whether the disk took it; what it did not take waits again.
    private func flush() async -> Bool {
        let taken = waiting.withLock { waiting in
            defer { waiting.values = [:] }
            return waiting.values
        }
        // In the order of the keys, which is that of the file.
        var rest = taken.keys.sorted { $0.lexicographicallyPrecedes($1) }[...]
        while !rest.isEmpty {
            let changes = rest.prefix(Self.batch).compactMap { key in
                taken[key].map { SavedState.change(record: key, to: $0) }
            }
            do throws(StoreError) {
                try await store.write(changes)
            } catch {
                putBack(taken, rest)
                journal.lag("snapshot", error.description)
                return false
            }
            rest = rest.dropFirst(Self.batch)
        }
        return true
    }

    /// What came meanwhile is newer.
    private func putBack(_ taken: [[UInt8]: [UInt8]?], _ keys: ArraySlice<[UInt8]>) {
        waiting.withLock { waiting in
            for key in keys where waiting.values[key] == nil {
                if let value = taken[key] { waiting.values[key] = .some(value) }
            }
        }
    }

    /// Sleeps, but not long after it is closed.
    private func rest(_ time: Duration) async {
        let end = ContinuousClock.now.advanced(by: time)
        while !isClosed, !Task.isCancelled, ContinuousClock.now < end {
            try? await Task.sleep(for: min(.milliseconds(50), time))
        }
    }
}
