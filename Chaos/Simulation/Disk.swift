import Gossip
import Registry
import Sodium
import Vocabulary

/// What one machine keeps while its node is down.
///
/// What a node does itself is durable at once. What it learned of others is gathered first and is
/// durable a moment later, as the agent's snapshots are.
struct Disk: Sendable {
    /// The greatest one ever made durable; 0 on a new disk.
    private(set) var incarnation: UInt64 = 0
    private var spaces: [DiskChange.Space: [[UInt8]: [UInt8]]] = [:]
    private var unsynced: [Unsynced] = []
    /// Whether it refuses to take more.
    var isFull = false
    /// What the node did of its own accord while the disk was full.
    private var owed: [DiskChange] = []
    private var owedIncarnation: UInt64?
    /// How often it refused something.
    private(set) var refusals = 0

    private struct Unsynced: Sendable {
        let since: Instant
        let change: DiskChange
    }

    /// How long what was learned of others is gathered.
    static let gatheringTime = Duration.milliseconds(500)

    // MARK: Writing

    /// Takes changes, or refuses them all.
    ///
    /// - Parameters:
    ///   - changes: In order.
    ///   - isWish: Whether somebody waits for them: then they are not owed where they fail.
    ///   - now: The world's time.
    /// - Returns: Whether the node's own changes are durable.
    mutating func write(_ changes: [DiskChange], asWish isWish: Bool, at now: Instant) -> Bool {
        sync(before: now)
        for change in changes where change.space == .records {
            unsynced.append(Unsynced(since: now, change: change))
        }
        let own = changes.filter { $0.space != .records }
        guard isFull, !own.isEmpty else {
            for change in own { apply(change) }
            return true
        }
        refusals += 1
        if !isWish { owed += own }
        return false
    }

    /// Takes an incarnation.
    ///
    /// - Returns: Whether it is durable; else it is owed.
    mutating func write(incarnation: UInt64) -> Bool {
        guard !isFull else {
            refusals += 1
            owedIncarnation = incarnation
            return false
        }
        precondition(
            incarnation > self.incarnation,
            "incarnation \(incarnation) after \(self.incarnation)"
        )
        self.incarnation = incarnation
        return true
    }

    /// Counts something that is not even tried.
    mutating func refuse() { refusals += 1 }

    /// Writes everything that was owed, now that there is room.
    ///
    /// - Returns: The incarnation among it.
    mutating func settle() -> UInt64? {
        isFull = false
        for change in owed { apply(change) }
        owed = []
        guard let incarnation = owedIncarnation else { return nil }
        owedIncarnation = nil
        return write(incarnation: incarnation) ? incarnation : nil
    }

    /// Forgets what was owed: the node that owed it is gone.
    mutating func forgive() {
        owed = []
        owedIncarnation = nil
    }

    private mutating func apply(_ change: DiskChange) {
        spaces[change.space, default: [:]][change.key] = change.value
    }

    private mutating func sync(before now: Instant) {
        guard !isFull, let first = unsynced.first, first.since + Self.gatheringTime < now else {
            return
        }
        let count = unsynced.firstIndex { $0.since + Self.gatheringTime >= now }
        for entry in unsynced.prefix(count ?? unsynced.count) { apply(entry.change) }
        unsynced.removeFirst(count ?? unsynced.count)
    }

    // MARK: Crashing

    /// Loses a drawn part of what was not durable yet; the last of what remains may be torn.
    ///
    /// - Returns: How many changes were lost.
    mutating func loseUnsynced(at now: Instant, _ random: inout RandomStream) -> Int {
        sync(before: now)
        let kept = random.below(unsynced.count + 1)
        let lost = unsynced.count - kept
        let tears = random.chance(1, in: 2)
        for (index, entry) in unsynced.prefix(kept).enumerated() {
            guard tears, lost > 0, index == kept - 1, let value = entry.change.value else {
                apply(entry.change)
                continue
            }
            let torn = Array(value.prefix(random.below(value.count + 1)))
            spaces[entry.change.space, default: [:]][entry.change.key] = torn
        }
        unsynced = []
        return lost
    }

    // MARK: Reading

    /// Puts old records of others where a node finds them on its start.
    mutating func plant(_ records: [Record]) {
        for record in records {
            spaces[.records, default: [:]][record.hash.bytes] = record.bytes
        }
    }

    /// What a node remembers that starts from this disk.
    func memory(_ reader: RecordReader) -> Memory {
        var settled = self
        for entry in settled.unsynced { settled.apply(entry.change) }
        return Memory(
            incarnation: incarnation,
            wishes: settled.values(of: .wishes),
            offers: settled.values(of: .offers),
            retractions: settled.values(of: .retractions),
            records: (settled.values(of: .trust, except: []) + settled.values(of: .records))
                .compactMap { try? reader.record($0) }
        )
    }

    private func values(of space: DiskChange.Space, except key: [UInt8]? = nil) -> [[UInt8]] {
        let held = spaces[space] ?? [:]
        let keys = held.keys.filter { $0 != key }.sorted { $0.lexicographicallyPrecedes($1) }
        return keys.compactMap { held[$0] }
    }
}
