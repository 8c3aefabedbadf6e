package import Vocabulary

/// All members at one moment: a copy of what the roster keeps, which costs nothing until somebody
/// looks at it, and little then.
package struct MemberTable: Sendable {
    let known: [NodeID]
    let records: NodeMap<Roster.Record>
    let cases: [NodeID: Roster.Case]

    package var count: Int { known.count }

    /// A member by its name; `nil` for the unknown.
    package func member(_ id: NodeID) -> Member? {
        guard let record = records[id] else { return nil }
        return Member(
            id: id,
            version: record.version,
            state: record.state,
            stateSince: record.stateSince,
            lastHeard: record.lastHeard,
            roundTrip: record.roundTrip?.smoothed,
            accusers: cases[id]?.accusers ?? [],
            agrees: record.agrees
        )
    }

    /// All of them, sorted by name; made for each who asks.
    package var list: [Member] {
        var list: [Member] = []
        list.reserveCapacity(known.count)
        for id in known { if let member = member(id) { list.append(member) } }
        return list
    }
}
