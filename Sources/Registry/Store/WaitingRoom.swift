import Vocabulary

/// Records whose author's HEAD is not here yet.
///
/// They are not visible, not in the digest, and not checked: whoever sends rubbish fills a small
/// room and nothing else.
struct WaitingRoom: Sendable {
    /// Oldest first.
    private var records: [Record] = []

    /// 64 KB of one author, as the design has it.
    static let maximumBytesOfAuthor = 65_536
    /// All authors together; the oldest go first.
    static let maximumRecords = 4096

    mutating func park(_ record: Record) {
        guard !records.contains(where: { $0.hash == record.hash }) else { return }
        let mine = records.reduce(0) { $1.author == record.author ? $0 + $1.bytes.count : $0 }
        guard mine + record.bytes.count <= Self.maximumBytesOfAuthor else { return }
        if records.count >= Self.maximumRecords { records.removeFirst() }
        records.append(record)
    }

    /// Takes out what waited for this author's HEAD, in the order in which it came; what waits
    /// for a later incarnation stays.
    mutating func release(_ author: NodeID, incarnation: UInt64) -> [Record] {
        let released = records.filter {
            $0.author == author && $0.header.incarnation <= incarnation
        }
        guard !released.isEmpty else { return [] }
        records.removeAll { $0.author == author && $0.header.incarnation <= incarnation }
        return released.filter { $0.header.incarnation == incarnation }
    }
}
