import Vocabulary

// From accusations to states. `settle` is the one place where a living member's state follows
// from the evidence; everything else only changes the evidence and says who must be judged.

extension Roster {
    private var suspicion: Suspicion { Suspicion(period: settings.period) }

    /// Judges everyone whose evidence changed, and whom these verdicts concern.
    mutating func settle(at now: Instant, into effects: inout [Effect]) {
        var next = 0
        while next < unsettled.count {
            judge(unsettled[next], at: now, into: &effects)
            next += 1
        }
        unsettled.removeAll(keepingCapacity: true)
    }

    /// A dead member stays dead, even if its accusers die too, until it signs a new HEAD.
    private mutating func judge(_ id: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard var record = records[id], record.isPresent else { return }
        let accusers = record.accusers.count { counts($0) }
        guard accusers >= suspicion.accusersToSuspect(clusterSize: present.count + 1) else {
            records[id]?.suspicionDue = .never
            return move(id, to: .alive, at: now, into: &effects)
        }
        if record.state == .alive {
            move(id, to: .suspect, at: now, into: &effects)
            record.suspectedFrom = now
        }
        // Myself and the alive others: the subject is none of them, as it is suspect by now.
        let possible = 1 + aliveCount
        record.suspicionDue = .never
        if accusers >= suspicion.accusersToBury(possible: possible) {
            let time = suspicion.time(accusers: accusers, possible: possible)
            record.suspicionDue = record.suspectedFrom + time
        }
        records[id]?.suspectedFrom = record.suspectedFrom
        records[id]?.suspicionDue = record.suspicionDue
        if record.suspicionDue <= now {
            move(id, to: .dead, at: now, into: &effects)
        } else {
            agenda.set(.suspicion(id), at: record.suspicionDue)
        }
    }

    /// Whether a member's word counts.
    ///
    /// Suspicion alone does not silence anyone: it may be wrong.
    private func counts(_ accuser: NodeID) -> Bool {
        accuser == myself || records[accuser]?.isPresent == true
    }

    /// Changes a member's state, keeps the lists and says whom to judge because of it.
    private mutating func move(
        _ id: NodeID,
        to state: MemberState,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let old = records[id]?.state, old != state else { return }
        records[id]?.state = state
        records[id]?.stateSince = now
        effects.append(.changed(id, from: old, to: state))
        list(id, from: old, to: state)
        if (old < .dead) != (state < .dead) { unsettled += subjects[id] ?? [] }
        planDial(from: now)
    }

    /// Keeps the lists, for a member that enters (from `nil`), changes or goes (to `nil`).
    ///
    /// With few members left, less evidence is enough: then a change concerns all the accused.
    private mutating func list(_ id: NodeID, from old: MemberState?, to new: MemberState?) {
        let before = (alive: aliveCount, present: present.count)
        if old == .alive { aliveCount -= 1 }
        if new == .alive { aliveCount += 1 }
        if let new, new < .dead {
            if present.admit(id) { round.admit(id, using: &random) }
        } else {
            present.dismiss(id)
        }
        if new == .dead { dead.admit(id) } else { dead.dismiss(id) }
        let isAmongFewAlive = before.alive != aliveCount && min(before.alive, aliveCount) <= 3
        let isAmongFewPresent =
            before.present != present.count && min(before.present, present.count) <= 3
        if isAmongFewAlive || isAmongFewPresent { unsettled += accused }
    }
}

// MARK: - HEADs

extension Roster {
    /// A HEAD of another member: a higher version voids what was said about lower ones.
    mutating func see(
        _ id: NodeID,
        _ version: MemberVersion,
        left: Bool,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        let state = left ? MemberState.left : .alive
        guard let record = records[id] else {
            guard known.count < settings.maximumMembers else { return }
            records[id] = Record(
                id: id,
                version: version,
                state: state,
                stateSince: now,
                suspectedFrom: now
            )
            known.admit(id)
            effects.append(.changed(id, from: nil, to: state))
            list(id, from: nil, to: state)
            return weighEarly(of: id, at: now, into: &effects)
        }
        guard version >= record.version else { return }
        if version > record.version {
            for accuser in record.accusers { withdraw(accuser, from: id) }
            records[id]?.version = version
            records[id]?.suspicionDue = .never
            move(id, to: state, at: now, into: &effects)
            weighEarly(of: id, at: now, into: &effects)
        } else if left {
            move(id, to: .left, at: now, into: &effects)
        }
    }

    /// Our own HEAD: what accuses an older one needs no refutation any more.
    mutating func renew(to version: MemberVersion, at now: Instant, into effects: inout [Effect]) {
        if let myVersion, version <= myVersion { return }
        myVersion = version
        refutationDue = .never
        weighEarly(of: myself, at: now, into: &effects)
    }

    /// Removes a member and its word about others.
    mutating func forget(_ id: NodeID) {
        guard let record = records[id] else { return }
        for accuser in record.accusers { withdraw(accuser, from: id) }
        for subject in subjects[id] ?? [] {
            withdraw(id, from: subject)
            unsettled.append(subject)
        }
        list(id, from: record.state, to: nil)
        records[id] = nil
        known.dismiss(id)
        probes.removeAll { $0.target == id }
        errands.removeAll { $0.target == id || $0.asker == id }
    }

    private mutating func weighEarly(
        of subject: NodeID,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        for accusation in early.take(of: subject) {
            weigh(accusation, at: now, into: &effects)
        }
    }
}

// MARK: - Accusations

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

    private mutating func withdraw(_ accuser: NodeID, from subject: NodeID) {
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
