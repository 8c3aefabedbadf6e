package import Vocabulary

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
        guard subject != myself else {
            return refuteSoon(toldBy: accuser, at: now, into: &effects)
        }
        guard let record = records[subject], record.state != .left else { return }

        let isFirst = !hasCountingAccuser(subject)
        guard admit(accuser, against: subject, at: now) else { return }
        unsettled.append(subject)
        guard isFirst, accuser != myself, counts(accuser), record.isPresent,
            !probes.contains(where: { $0.target == subject }),
            isJuror(of: subject, record.version, seats: settings.jurors)
        else { return }
        startProbe(of: subject, at: now, into: &effects)
    }

    /// Does a juror's part for those whose accusers are too few to be believed, where their
    /// jurors fell away after the first word and the seat is ours by now.
    ///
    /// Or where words went by us: whom all others have buried nobody looks at any more, so the last
    /// word would never come. Each period beyond the time of a verdict doubles the seats, until one is
    /// ours: so nobody stays suspect for want of words longer than it takes to double them all.
    mutating func takeEmptySeats(at now: Instant, into effects: inout [Effect]) {
        for id in accused {
            guard let record = records[id], let file = cases[id], record.isPresent,
                file.suspicionDue == .never, !file.accusers.holds(myself), hasCountingAccuser(id),
                !probes.contains(where: { $0.target == id }),
                let seats = seats(for: record, file, at: now),
                isJuror(of: id, record.version, seats: seats)
            else { continue }
            startProbe(of: id, at: now, into: &effects)
        }
    }

    /// How many must look for themselves at a member whose accusers are too few; `nil` where each of
    /// them had a seat already and it is not our turn to look once more.
    ///
    /// A lone word is answered within a few seconds where its subject lives; only one that stands for
    /// long is looked into by more.
    private func seats(for record: Record, _ file: Case, at now: Instant) -> Int? {
        var since = file.suspectedFrom + suspicion.longest
        if record.state == .alive {
            var latest = Instant.zero
            for moment in file.heardAt { latest = max(latest, moment) }
            since = latest + suspicion.longest * 5
        }
        var seats = settings.jurors
        while since < now, seats < present.count {
            since = since + settings.period
            seats *= 2
        }
        // Whoever answers all of them and refutes nothing is looked at by few a period from then on.
        return seats < present.count || since + settings.period >= now
            || periods % Self.periodsBetweenLateLooks == 0 ? seats : nil
    }

    /// Counted from each member's own start, so that not all look in the same period.
    private static let periodsBetweenLateLooks = 64

    /// Our own word, for the first time or to be spread once more.
    mutating func accuse(_ id: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard let record = records[id] else { return }
        admit(myself, against: id, at: now)
        unsettled.append(id)
        let accusation = Accusation(accuser: myself, subject: id, version: record.version)
        effects.append(.accuse(accusation))
    }

    /// Whether anybody accuses a member whose word counts.
    private func hasCountingAccuser(_ id: NodeID) -> Bool {
        guard let file = cases[id] else { return false }
        for accuser in file.accusers where counts(accuser) { return true }
        return false
    }

    /// - Returns: Whether the accuser is a new one.
    @discardableResult
    private mutating func admit(
        _ accuser: NodeID,
        against subject: NodeID,
        at now: Instant
    ) -> Bool {
        let accusers = cases[subject]?.accusers ?? []
        guard records[subject] != nil, !accusers.holds(accuser) else { return false }
        if accusers.count >= settings.maximumAccusers {
            // Ours must have a place: it is how we know that we have spoken.
            let spare = accusers.first { !counts($0) } ?? (accuser == myself ? accusers[0] : nil)
            guard let spare else { return false }
            withdraw(spare, from: subject)
        }
        cases[subject, default: Case()].admit(accuser, at: now)
        subjects[accuser, default: []].admit(subject)
        accused.admit(subject)
        return true
    }

    mutating func withdraw(_ accuser: NodeID, from subject: NodeID) {
        cases[subject]?.dismiss(accuser)
        subjects[accuser]?.dismiss(subject)
        if subjects[accuser]?.isEmpty == true { subjects[accuser] = nil }
        guard cases[subject]?.accusers.isEmpty == true else { return }
        cases[subject] = nil
        accused.dismiss(subject)
    }

    /// Whether we are among the few of least rank who must look for themselves at once.
    ///
    /// Who is accused has no seat, so that a partition fills the seats of the other side anew. Nor has
    /// who accuses the subject: a first accuser in a seat of its own would leave the verdict a voice
    /// short, and up to half a period later. Members may differ in whom they count here; that costs
    /// a probe more or less.
    private func isJuror(
        of subject: NodeID,
        _ version: MemberVersion,
        seats: Int
    ) -> Bool {
        guard seats <= present.count else { return true }
        let mine = rank(subject, version.incarnation, myself)
        // In a big cluster most can tell from their own rank alone, with an error of 10^-4.
        let likely = UInt64(4 * seats)
        if present.count > likely, mine > UInt64.max / UInt64(present.count) * likely {
            return false
        }
        let accusers = cases[subject]?.accusers ?? []
        var before = 0
        for id in present where id != subject && cases[id] == nil && !accusers.holds(id) {
            let other = rank(subject, version.incarnation, id)
            if (other, id) < (mine, myself) { before += 1 }
            if before >= seats { return false }
        }
        return true
    }

    /// Who must look for themselves at the first word against a member, the least rank first.
    ///
    /// Where one of them says that word, the next in rank looks in its place.
    package func jurors(of subject: NodeID) -> [NodeID] {
        guard let version = records[subject]?.version else { return [] }
        var ranked: [(rank: UInt64, id: NodeID)] = [
            (rank(subject, version.incarnation, myself), myself)
        ]
        for id in present where id != subject && cases[id] == nil {
            ranked.append((rank(subject, version.incarnation, id), id))
        }
        ranked.sort { ($0.rank, $0.id) < ($1.rank, $1.id) }
        return ranked.prefix(settings.jurors).map(\.id)
    }
}

// MARK: - Refutation

extension Roster {
    /// Refutes now, or when the last refutation is long enough ago: sooner where more say it.
    private mutating func refuteSoon(
        toldBy accuser: NodeID,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard refutations.hear(accuser) else { return }
        let gap = refutations.gap(settings.refutationGap, enough: enoughAgainstMe, at: now)
        var due = now
        if let lastRefutation { due = max(lastRefutation + gap, now) }
        guard due < refutationDue else { return }
        refutationDue = due
        if due <= now {
            refute(at: now, into: &effects)
        } else {
            agenda.set(.refutation, at: due)
        }
    }

    private var enoughAgainstMe: Int {
        suspicion.accusersToSuspect(clusterSize: present.count + 1)
    }

    mutating func refute(at now: Instant, into effects: inout [Effect]) {
        refutationDue = .never
        guard let myVersion else { return }
        lastRefutation = now
        refutations.answer(enough: enoughAgainstMe, at: now)
        effects.append(.refute(above: myVersion))
    }
}
