import Vocabulary

/// What machines of the model think of each other.
extension Memberlist {
    mutating func hear(_ rumour: Rumour, on machine: Int) {
        switch (rumour.subject, rumour.kind) {
        case (.news(let number), _): learn(number, on: machine)
        case (.member(let subject), .alive):
            believe(subject, rumour.incarnation, on: machine)
        case (.member(let subject), .suspect):
            suspect(subject, rumour.incarnation, by: rumour.speaker, on: machine)
        case (.member(let subject), .dead):
            declareDead(subject, rumour.incarnation, by: rumour.speaker, on: machine)
        case (.member, .user): break
        }
    }

    /// Takes a machine for living, where that is news.
    mutating func believe(_ subject: Int, _ incarnation: Int, on machine: Int) {
        guard subject != machine else {
            if incarnation > machines[machine].incarnations[machine] {
                refute(incarnation, on: machine)
            }
            return
        }
        let isKnown = machines[machine].states[subject] != .unknown
        guard !isKnown || incarnation > machines[machine].incarnations[subject] else { return }
        machines[machine].incarnations[subject] = Int32(incarnation)
        machines[machine].suspicions[subject] = nil
        change(subject, to: .alive, on: machine)
        tell(.alive, of: subject, incarnation, by: machine, on: machine)
    }

    /// Hears that a machine does not answer.
    mutating func suspect(_ subject: Int, _ incarnation: Int, by speaker: Int, on machine: Int) {
        guard machines[machine].states[subject] != .unknown,
            incarnation >= machines[machine].incarnations[subject]
        else { return }
        if machines[machine].suspicions[subject] != nil {
            return confirm(subject, incarnation, by: speaker, on: machine)
        }
        guard machines[machine].states[subject] == .alive else { return }
        guard subject != machine else { return refute(incarnation, on: machine) }
        machines[machine].incarnations[subject] = Int32(incarnation)
        change(subject, to: .suspect, on: machine)
        tell(.suspect, of: subject, incarnation, by: speaker, on: machine)
        let number = machines[machine].nextNumber()
        machines[machine].suspicions[subject] = MemberlistNode.Suspicion(
            begin: now,
            number: number,
            speakers: [speaker]
        )
        let time = rules.suspicion(confirmedBy: 0)
        set(.suspicion(of: subject, number: number), of: machine, in: time)
    }

    private mutating func confirm(
        _ subject: Int,
        _ incarnation: Int,
        by speaker: Int,
        on machine: Int
    ) {
        guard var suspicion = machines[machine].suspicions[subject],
            suspicion.speakers.count <= rules.confirmations,
            suspicion.speakers.insert(speaker).inserted
        else { return }
        machines[machine].suspicions[subject] = suspicion
        tell(.suspect, of: subject, incarnation, by: speaker, on: machine)
        let time = rules.suspicion(confirmedBy: suspicion.speakers.count - 1)
        let rest = max(.zero, suspicion.begin + time - now)
        set(.suspicion(of: subject, number: suspicion.number), of: machine, in: rest)
    }

    mutating func declareDead(
        _ subject: Int,
        _ incarnation: Int,
        by speaker: Int,
        on machine: Int
    ) {
        let state = machines[machine].states[subject]
        guard state != .unknown, incarnation >= machines[machine].incarnations[subject] else {
            return
        }
        machines[machine].suspicions[subject] = nil
        guard state != .dead else { return }
        guard subject != machine else { return refute(incarnation, on: machine) }
        machines[machine].incarnations[subject] = Int32(incarnation)
        machines[machine].deadSince[subject] = now
        change(subject, to: .dead, on: machine)
        tell(.dead, of: subject, incarnation, by: speaker, on: machine)
    }

    /// Says that it lives, under a greater number than whoever doubts that.
    private mutating func refute(_ incarnation: Int, on machine: Int) {
        let next = max(Int(machines[machine].incarnations[machine]), incarnation) + 1
        machines[machine].incarnations[machine] = Int32(next)
        blame(machine, by: 1)
        tell(.alive, of: machine, next, by: machine, on: machine)
    }

    private mutating func tell(
        _ kind: Rumour.Kind,
        of subject: Int,
        _ incarnation: Int,
        by speaker: Int,
        on machine: Int
    ) {
        machines[machine].memberQueue.put(
            Rumour(
                subject: .member(subject),
                kind: kind,
                incarnation: incarnation,
                speaker: speaker
            )
        )
    }

    private mutating func change(
        _ subject: Int,
        to state: MemberlistNode.State,
        on machine: Int
    ) {
        machines[machine].states[subject] = state
        let verdict: Ledger.Verdict
        switch state {
        case .unknown, .alive: verdict = .alive
        case .suspect: verdict = .suspect
        case .dead: verdict = .dead
        }
        ledger.traffic.usefulBytes += MemberlistRules.aliveBytes
        ledger.judge(
            subject,
            verdict,
            by: machine,
            at: now,
            isRunning: machines[subject].isRunning
        )
    }
}
