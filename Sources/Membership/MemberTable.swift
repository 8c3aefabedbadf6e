package import Vocabulary

/// All members at one moment: a copy of what the roster keeps, which costs nothing until somebody
/// looks at it, and little then.
package struct MemberTable: Sendable {
    let records: NodeMap<Roster.Record>
    let heard: NodeMap<Instant>
    let contacts: NodeMap<Roster.Contact>
    let acquaintedAt: Instant?
    let cases: [NodeID: Roster.Case]
    /// How many of them nobody suspects.
    package let aliveCount: Int

    package var count: Int { records.count }

    /// A member by its name; `nil` for the unknown.
    package func member(_ id: NodeID) -> Member? {
        guard let record = records[id] else { return nil }
        return member(id, record)
    }

    /// What the evidence says of a member; `nil` for the unknown.
    package func state(of id: NodeID) -> MemberState? { records[id]?.state }

    /// All of them, sorted by name; made for each who asks.
    package var list: [Member] {
        var list: [Member] = []
        list.reserveCapacity(records.count)
        for id in records.names { if let member = member(id) { list.append(member) } }
        return list
    }

    private func member(_ id: NodeID, _ record: Roster.Record) -> Member {
        let contact = contacts[id]
        return Member(
            id: id,
            version: record.version,
            state: record.state,
            stateSince: record.stateSince,
            lastHeard: heard[id] ?? (record.wasAcquainted ? acquaintedAt : nil),
            roundTrip: contact?.roundTrip?.smoothed,
            accusers: cases[id]?.accusers ?? [],
            agrees: contact?.agrees
        )
    }
}
