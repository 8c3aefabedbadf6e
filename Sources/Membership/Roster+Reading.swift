package import Vocabulary

// What others may read of a roster.

extension Roster {
    /// A member by its name; `nil` for myself and for the unknown.
    package func member(_ id: NodeID) -> Member? { table.member(id) }

    /// What the evidence says of a member; `nil` for myself and for the unknown.
    package func state(of id: NodeID) -> MemberState? { records[id]?.state }

    /// All members, sorted by name, the dead and departed too.
    ///
    /// Never contains myself.
    package var members: [Member] { table.list }

    /// All members as they are now.
    package var table: MemberTable {
        MemberTable(
            records: records,
            heard: heard,
            contacts: contacts,
            acquaintedAt: acquaintedAt,
            cases: cases,
            aliveCount: aliveCount
        )
    }

    /// Whether there is anybody who did not say goodbye.
    package var hasCompany: Bool { !present.isEmpty || !dead.isEmpty }

    /// Whether anybody is suspect, dead or accused.
    package var isAnyoneDoubted: Bool {
        !cases.isEmpty || !dead.isEmpty || aliveCount < present.count
    }

    /// Those that neither died nor left, sorted by name: whom it makes sense to send something.
    package var presentNames: NodeSet { present }

    /// Those that are dead, sorted by name.
    package var deadNames: [NodeID] { dead }

    /// Those that somebody accuses, sorted by name, be they dead or not.
    package var accusedNames: [NodeID] { accused }

    /// Lifeguard's score: 0 is well; what is higher slows our probes and verdicts.
    package var selfHealth: Int { health.score }

    /// The accusations of the newest known HEAD of a member, sorted: what its state rests on.
    package func accusations(of subject: NodeID) -> [Accusation] {
        guard let version = records[subject]?.version else { return [] }
        return (cases[subject]?.accusers ?? []).map {
            Accusation(accuser: $0, subject: subject, version: version)
        }
    }

    /// Whether nothing ever came from a member in this run, and it did not answer us either.
    package func isSilentSinceStart(_ id: NodeID) -> Bool {
        guard let file = cases[id] else { return false }
        return lastHeard(id) == nil && file.accusers.holds(myself)
    }

    /// Whether nobody but us accuses a member.
    package func isAccusedByUsAlone(_ id: NodeID) -> Bool { cases[id]?.accusers == [myself] }

    /// Whether this member's word against our present version is known.
    package func isAccusedBy(_ accuser: NodeID) -> Bool { refutations.accusers.holds(accuser) }
    /// Whether this very accusation is among those: asked for each word that is heard, so nothing is
    /// gathered for it.
    package func holds(_ accusation: Accusation) -> Bool {
        records[accusation.subject]?.version == accusation.version
            && cases[accusation.subject]?.accusers.holds(accusation.accuser) == true
    }

    /// The version of the newest HEAD of a member; `nil` for myself and for the unknown.
    package func version(of id: NodeID) -> MemberVersion? { records[id]?.version }

    /// The words against a member, by accuser, rising.
    package func words(against subject: NodeID) -> [Word] {
        guard let version = records[subject]?.version, let file = cases[subject] else { return [] }
        var words: [Word] = []
        for (accuser, heardAt) in zip(file.accusers, file.heardAt) {
            let counts = counts(accuser)
            words.append(
                Word(accuser: accuser, version: version, heardAt: heardAt, counts: counts)
            )
        }
        return words
    }

    /// Whether our own word stands against the newest known HEAD of a member.
    package func isAccusedByUs(_ id: NodeID) -> Bool {
        !cases.isEmpty && cases[id]?.accusers.holds(myself) == true
    }

    /// When a suspect counts as dead unless it refutes; `nil` where too few accuse it, and where
    /// it is none.
    package func suspicionEnds(of subject: NodeID) -> Instant? {
        guard records[subject]?.state == .suspect, let due = cases[subject]?.suspicionDue,
            due < .never
        else { return nil }
        return due
    }

    /// What came of our latest probe of a member.
    package func lastProbe(of subject: NodeID) -> ProbeNote? { notes[subject] }

    /// Members that others reach and that do not answer us, rising; `isHeard` says whether anything
    /// of theirs comes to us.
    package var cutOff: [(id: NodeID, isHeard: Bool)] {
        var cutOff: [(id: NodeID, isHeard: Bool)] = []
        for (id, since) in doubts.settled {
            cutOff.append((id, lastHeard(id).map { $0 > since } ?? false))
        }
        return cutOff
    }

    /// Who was heard last of those that did not leave; `nil` where nobody was in this run.
    package var heardLast: NodeID? {
        var last: (id: NodeID, heard: Instant)?
        for id in records.names {
            guard let record = records[id], record.state < .left, let heard = lastHeard(id),
                last.map({ heard > $0.heard }) ?? true
            else { continue }
            last = (id, heard)
        }
        return last?.id
    }

    /// How many accusers it takes against a member now.
    package func needed(against subject: NodeID) -> EvidenceNeeded {
        let isAlive = records[subject]?.state == .alive
        return EvidenceNeeded(
            toSuspect: suspicion.accusersToSuspect(clusterSize: present.count + 1),
            toBury: suspicion.accusersToBury(possible: aliveCount + (isAlive ? 0 : 1))
        )
    }
}
