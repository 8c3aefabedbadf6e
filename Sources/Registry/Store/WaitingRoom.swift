import Vocabulary

/// Records whose author's HEAD is not here yet.
///
/// They are not visible, not in the digest, and not checked: whoever sends rubbish fills a small
/// room and nothing else.
struct WaitingRoom: Sendable {
    /// Oldest first.
    private var entries: [(record: Record, since: WallTime)] = []

    /// 64 KB of one author, as the design has it.
    static let maximumBytesOfAuthor = 65_536
    /// All authors together; the oldest go first.
    static let maximumRecords = 4096
    /// Nobody waits longer: what others write in an author's name makes way for its own.
    static let patience = Duration.seconds(60)

    mutating func park(_ record: Record, at now: WallTime) {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.dropsWhatWaits) { return }
        #endif
        entries.removeAll { now < $0.since || now >= $0.since.advanced(by: Self.patience) }
        guard !entries.contains(where: { $0.record.hash == record.hash }) else { return }
        let mine = entries.reduce(0) {
            $1.record.author == record.author ? $0 + $1.record.bytes.count : $0
        }
        guard mine + record.bytes.count <= Self.maximumBytesOfAuthor else { return }
        if entries.count >= Self.maximumRecords { entries.removeFirst() }
        entries.append((record, now))
    }

    /// Of what waits now; what waited too long is dropped when more comes.
    var census: RecordCensus {
        var census = RecordCensus()
        for entry in entries { census.add(entry.record.header.kind) }
        return census
    }

    /// Takes out what waited for this author's HEAD, in the order in which it came; what waits
    /// for a later incarnation stays.
    mutating func release(_ author: NodeID, incarnation: UInt64) -> [Record] {
        let isDue = { (record: Record) in
            record.author == author && record.header.incarnation <= incarnation
        }
        let released = entries.map(\.record).filter(isDue)
        guard !released.isEmpty else { return [] }
        entries.removeAll { isDue($0.record) }
        return released.filter { $0.header.incarnation == incarnation }
    }
}
