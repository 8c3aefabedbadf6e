import Gossip
import Registry
import Sodium

/// What one machine keeps while its node is down.
struct Disk: Sendable {
    /// The greatest one ever made durable; 0 on a new disk.
    private(set) var incarnation: UInt64 = 0
    private var spaces: [DiskChange.Space: [[UInt8]: [UInt8]]] = [:]

    mutating func write(_ changes: [DiskChange]) {
        for change in changes { spaces[change.space, default: [:]][change.key] = change.value }
    }

    mutating func write(incarnation: UInt64) {
        precondition(
            incarnation > self.incarnation,
            "incarnation \(incarnation) after \(self.incarnation)"
        )
        self.incarnation = incarnation
    }

    /// Puts old records of others where a node finds them on its start.
    mutating func plant(_ records: [Record]) {
        for record in records {
            spaces[.records, default: [:]][record.hash.bytes] = record.bytes
        }
    }

    /// What a node remembers that starts from this disk.
    func memory(_ reader: RecordReader) -> Memory {
        Memory(
            incarnation: incarnation,
            wishes: values(of: .wishes),
            offers: values(of: .offers),
            retractions: values(of: .retractions),
            records: (values(of: .trust, except: []) + values(of: .records))
                .compactMap { try? reader.record($0) }
        )
    }

    private func values(of space: DiskChange.Space, except key: [UInt8]? = nil) -> [[UInt8]] {
        let held = spaces[space] ?? [:]
        let keys = held.keys.filter { $0 != key }.sorted { $0.lexicographicallyPrecedes($1) }
        return keys.compactMap { held[$0] }
    }
}
