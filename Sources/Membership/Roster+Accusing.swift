import Vocabulary

// What others say of members and of us, what we say, and who must look for itself.

extension Roster {
    /// Takes in what a member says.
    ///
    /// Keeps it where its HEAD has not come yet, and does its own part where it is the first word
    /// against the subject and we are one of the jurors.
    mutating func weigh(
        _ accusation: Accusation,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        let (accuser, subject) = (accusation.accuser, accusation.subject)
        guard accuser != subject, accuser == myself || records[accuser] != nil else { return }
        guard let version = subject == myself ? myVersion : records[subject]?.version,
            accusation.version <= version
        else { return early.keep(accusation) }
        guard accusation.version == version else { return }
        guard subject != myself else { return refuteSoon(at: now, into: &effects) }
        guard let record = records[subject], record.state != .left else { return }

        let isFirst = !record.accusers.contains { counts($0) }
        guard admit(accuser, against: subject) else { return }
        unsettled.append(subject)
        guard isFirst, accuser != myself, counts(accuser), record.isPresent,
            !probes.contains(where: { $0.target == subject }), isJuror(of: record)
        else { return }
        startProbe(of: subject, within: juryTime(for: subject), at: now, into: &effects)
    }

    /// Does a juror's part for those whose accusers are too few to be believed, where their
    /// jurors fell away after the first word and the seat is ours by now.
    mutating func takeEmptySeats(at now: Instant, into effects: inout [Effect]) {
        for id in accused {
            guard let record = records[id], record.isPresent, record.suspicionDue == .never,
                !record.accusers.holds(myself), record.accusers.contains(where: { counts($0) }),
                !probes.contains(where: { $0.target == id }), isJuror(of: record)
            else { continue }
            startProbe(of: id, within: juryTime(for: id), at: now, into: &effects)
        }
    }

    /// Our own word, for the first time or to be spread once more.
    mutating func accuse(_ id: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard let record = records[id] else { return }
        admit(myself, against: id)
        unsettled.append(id)
        let accusation = Accusation(accuser: myself, subject: id, version: record.version)
        effects.append(.accuse(accusation))
    }

    /// - Returns: Whether the accuser is a new one.
    @discardableResult
    private mutating func admit(_ accuser: NodeID, against subject: NodeID) -> Bool {
        guard let accusers = records[subject]?.accusers, !accusers.holds(accuser) else {
            return false
        }
        if accusers.count >= settings.maximumAccusers {
            // Ours must have a place: it is how we know that we have spoken.
            let spare = accusers.first { !counts($0) } ?? (accuser == myself ? accusers[0] : nil)
            guard let spare else { return false }
            withdraw(spare, from: subject)
        }
        records[subject]?.accusers.admit(accuser)
        subjects[accuser, default: []].admit(subject)
        accused.admit(subject)
        return true
    }

    mutating func withdraw(_ accuser: NodeID, from subject: NodeID) {
        records[subject]?.accusers.dismiss(accuser)
        subjects[accuser]?.dismiss(subject)
        if subjects[accuser]?.isEmpty == true { subjects[accuser] = nil }
        if records[subject]?.accusers.isEmpty == true { accused.dismiss(subject) }
    }

    /// Whether we are among the few of least rank who must look for themselves at once.
    ///
    /// Who is accused has no seat, so that a partition fills the seats of the other side anew.
    /// Members may differ in whom they count here; that costs a probe more or less.
    private func isJuror(of subject: Record) -> Bool {
        func rank(_ juror: NodeID) -> UInt64 {
            self.rank(subject.id, subject.version.incarnation, juror)
        }
        let mine = rank(myself)
        // In a big cluster most can tell from their own rank alone, with an error of 10^-4.
        let likely = UInt64(4 * settings.jurors)
        if present.count > likely, mine > UInt64.max / UInt64(present.count) * likely {
            return false
        }
        var before = 0
        for id in present where id != subject.id && records[id]?.accusers.isEmpty == true {
            let other = rank(id)
            if (other, id) < (mine, myself) { before += 1 }
            if before >= settings.jurors { return false }
        }
        return true
    }
}

// MARK: - Refutation

extension Roster {
    /// Refutes now, or when the last refutation is long enough ago.
    private mutating func refuteSoon(at now: Instant, into effects: inout [Effect]) {
        guard refutationDue == .never else { return }
        refutationDue = lastRefutation.map { max($0 + settings.refutationGap, now) } ?? now
        if refutationDue <= now {
            refute(at: now, into: &effects)
        } else {
            agenda.set(.refutation, at: refutationDue)
        }
    }

    mutating func refute(at now: Instant, into effects: inout [Effect]) {
        refutationDue = .never
        guard let myVersion else { return }
        lastRefutation = now
        effects.append(.refute(above: myVersion))
    }
}
