package import Vocabulary

// From accusations to states. `settle` is the one place where a living member's state follows
// from the evidence; everything else only changes the evidence and says who must be judged.

extension Roster {
    var suspicion: Suspicion { Suspicion(period: settings.period) }

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
        guard let record = records[id], record.isPresent else { return }
        var accusers = 0
        for accuser in cases[id]?.accusers ?? [] where counts(accuser) { accusers += 1 }
        guard var file = cases[id],
            accusers >= suspicion.accusersToSuspect(clusterSize: present.count + 1)
        else {
            cases[id]?.suspicionDue = .never
            return move(id, to: .alive, at: now, into: &effects)
        }
        if record.state == .alive {
            move(id, to: .suspect, at: now, into: &effects)
            file.suspectedFrom = now
        }
        // Myself and the alive others: the subject is none of them, as it is suspect by now.
        let possible = 1 + aliveCount
        file.suspicionDue = .never
        if accusers >= suspicion.accusersToBury(possible: possible) {
            let time = suspicion.time(accusers: accusers, possible: possible)
            file.suspicionDue = file.suspectedFrom + time
        }
        cases[id] = file
        if file.suspicionDue <= now {
            move(id, to: .dead, at: now, into: &effects)
        } else {
            agenda.set(.suspicion(id), at: file.suspicionDue)
        }
    }

    /// Whether a member's word counts.
    ///
    /// Suspicion alone does not silence anyone: it may be wrong.
    package func counts(_ accuser: NodeID) -> Bool {
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
        if state >= .dead { doubts.end(id) }
        effects.append(.changed(id, from: old, to: state))
        list(id, from: old, to: state)
        if (old < .dead) != (state < .dead) { unsettled += subjects[id] ?? [] }
        planDial(from: now)
    }

    /// Keeps the lists, for a member that enters (from `nil`), changes or goes (to `nil`).
    ///
    /// With few members left, less evidence is enough: then a change concerns all the accused.
    private mutating func list(_ id: NodeID, from old: MemberState?, to new: MemberState?) {
        generation += 1
        let before = (alive: aliveCount, present: present.count)
        if old == .alive { aliveCount -= 1 }
        if new == .alive { aliveCount += 1 }
        if let new, new < .dead {
            if present.admit(id) { round.admit(id) }
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
            guard records.count < settings.maximumMembers else { return }
            records[id] = Record(version: version, state: state, since: now)
            effects.append(.changed(id, from: nil, to: state))
            list(id, from: nil, to: state)
            return weighEarly(of: id, at: now, into: &effects)
        }
        guard version >= record.version else { return }
        if version > record.version {
            for accuser in cases[id]?.accusers ?? [] { withdraw(accuser, from: id) }
            records[id]?.version = version
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
        refutations.renew()
        weighEarly(of: myself, at: now, into: &effects)
    }

    /// Removes a member and its word about others.
    mutating func forget(_ id: NodeID) {
        guard let record = records[id] else { return }
        for accuser in cases[id]?.accusers ?? [] { withdraw(accuser, from: id) }
        for subject in subjects[id] ?? [] {
            withdraw(id, from: subject)
            unsettled.append(subject)
        }
        list(id, from: record.state, to: nil)
        records[id] = nil
        heard[id] = nil
        contacts[id] = nil
        notes.forget(id)
        doubts.end(id)
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
