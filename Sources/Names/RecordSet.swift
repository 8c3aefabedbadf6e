/// The records of one type that a name has.
struct RecordSet: Sendable {
    let type: RecordType
    /// Seconds.
    let timeToLive: UInt32
    let entries: [Entry]

    /// What one record says.
    enum Entry: Hashable, Sendable {
        /// 4 or 16 bytes.
        case address([UInt8])
        /// Of a CNAME, a PTR or an NS.
        case name(DomainName)
        case service(priority: UInt16, weight: UInt16, port: UInt16, target: DomainName)
        /// Strings of at most 255 bytes.
        case text([[UInt8]])
        case authority(primary: DomainName, mailbox: DomainName, serial: UInt32)
    }

    init(_ type: RecordType, timeToLive: UInt32, _ entries: [Entry]) {
        self.type = type
        self.timeToLive = timeToLive
        self.entries = entries
    }
}

/// All that one name has; nothing where it exists only because there are names below it.
final class Holding: Sendable {
    let sets: [RecordSet]
    /// Addresses of names that the records lead to: sent along where there is room.
    let glue: [(name: DomainName, set: RecordSet)]

    init(_ sets: [RecordSet] = [], glue: [(name: DomainName, set: RecordSet)] = []) {
        self.sets = sets.filter { !$0.entries.isEmpty }
        self.glue = glue
    }

    static let empty = Holding()

    subscript(type: RecordType) -> RecordSet? {
        for set in sets where set.type == type { return set }
        return nil
    }
}
