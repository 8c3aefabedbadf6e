package import Vocabulary

/// The beginning of large simulations: nodes that know each other already.
extension Roster {
    /// Takes over whom another roster knows: as if this one had heard of all of them just now.
    ///
    /// What both keep of a member stays one, until one of them learns something else.
    ///
    /// - Parameters:
    ///   - other: A roster of which nothing was heard but HEADs.
    ///   - version: The HEAD of its own node, which it does not hold.
    ///   - now: When all of them count as heard.
    package mutating func acquaint(
        with other: Roster,
        _ version: MemberVersion,
        at now: Instant
    ) {
        records = other.records
        acquaintedAt = other.acquaintedAt
        records[other.myself] = Record(version: version, state: .alive, since: now)
        records[myself] = nil
        present = other.present
        present.admit(other.myself)
        present.dismiss(myself)
        aliveCount = present.count
        round = Round()
        generation += 1
    }

    /// Counts all members as heard now.
    package mutating func hearAll(at now: Instant) {
        acquaintedAt = now
        generation += 1
        for id in records.names { records[id]?.wasAcquainted = true }
    }
}
