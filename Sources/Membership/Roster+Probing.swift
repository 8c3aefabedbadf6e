import Vocabulary

// Whom to probe. A shuffled round alone leaves a tail: with every member probed once a period
// on average, e^-t of the crashes are not probed for t periods. So each period we probe our
// neighbour, the next present name after ours; as everyone does, each member is probed once a
// period by one fixed other, and the tail ends there. A neighbour that is silent makes us look
// at the next one too: in a partition whole runs of names are silent. The round, each second
// period, finds what neighbours cannot: bad links, and neighbours that are sick or gone bad.

extension Roster {
    mutating func beginPeriod(at now: Instant, into effects: inout [Effect]) {
        periods += 1
        let isWatching = probeNeighbour(at: now, into: &effects)
        if !isWatching || periods % max(settings.periodsBetweenRoundProbes, 1) == 0 {
            let next = round.next(of: present, using: &random) { [records, probes] id in
                records[id]?.isPresent == true && !probes.contains { $0.target == id }
            }
            if let next { startProbe(of: next, at: now, into: &effects) }
        }
        if let doubtful = doubts.due(at: now) {
            doubts.look(at: doubtful, again: now + settings.period)
            if !probes.contains(where: { $0.target == doubtful }) {
                startProbe(of: doubtful, at: now, into: &effects)
            }
        }
        takeEmptySeats(at: now, into: &effects)
        if present.isEmpty { health.improve() }  // There is nobody to prove us well.
        let period = health.slowed(settings.period)
        periodDue = now + period * 9 / 10 + random.duration(below: period / 5)
        agenda.set(.period, at: periodDue)
    }

    /// Probes the next name after ours that is not in question yet, at most a few steps away:
    /// there is no use in asking once more whom we accused, or are about to.
    ///
    /// - Returns: Whether there is such a one.
    @discardableResult
    private mutating func probeNeighbour(at now: Instant, into effects: inout [Effect]) -> Bool {
        let start = present.place(of: myself)
        for step in 0..<min(present.count, settings.maximumNeighbours) {
            let id = present[(start + step) % present.count]
            guard let record = records[id], record.state == .alive,
                !isAccusedByUs(id), !probes.contains(where: { $0.target == id })
            else { continue }
            startProbe(of: id, asNeighbour: true, at: now, into: &effects)
            return true
        }
        return false
    }

    /// Asks the target directly, then through relays; without an answer in time it is accused.
    mutating func startProbe(
        of target: NodeID,
        asNeighbour: Bool = false,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let record = records[target], probes.count < settings.maximumProbes else { return }
        let length = lookTime(for: target)
        let probe = Probe(
            number: nextNumber(),
            target: target,
            version: record.version,
            startedAt: now,
            isOfNeighbour: asNeighbour,
            end: now + health.slowed(length),
            due: now + health.slowed(min(timeout(for: target), length / 2))
        )
        probes.append(probe)
        notes.begin(target, at: now)
        agenda.set(.probe(probe.number), at: probe.due)
        effects.append(.probe(target, probe.number))
    }

    /// The phase of a probe is over, and there is no answer.
    mutating func advanceProbe(
        _ number: ProbeNumber,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let place = probes.firstIndex(where: { $0.number == number }) else { return }
        var probe = probes[place]
        switch probe.phase {
        case .direct:
            measured.append(.probeFailed(probe.target, .direct))
            let relays = drawRelays(for: probe.target, at: now)
            probe.phase = .indirect(relays: relays, failed: [])
            probe.due = probe.end
            probes[place] = probe
            agenda.set(.probe(number), at: probe.due)
            for relay in relays {
                effects.append(.askRelay(relay, target: probe.target, number))
            }
            effects.append(.probe(probe.target, number))
            // One that only relays reach is as silent as ever; each look at it would begin another.
            if probe.isOfNeighbour, !doubts.concern(probe.target) {
                probeNeighbour(at: now, into: &effects)
            }

        case .indirect(let relays, let failed):
            measured.append(.probeFailed(probe.target, .indirect))
            probes.remove(at: place)
            notes.end(
                probe.target,
                .failed(relaysThatFailed: failed.count, relaysAsked: relays.count)
            )
            // A relay that says it failed shows that we are connected, and the target is not.
            if relays.isEmpty || failed.count < relays.count { health.worsen() }
            guard let record = records[probe.target], record.isPresent,
                record.version == probe.version, !wasJustHeard(probe.target, at: now)
            else { return }
            accuse(probe.target, at: now, into: &effects)
        }
    }

    mutating func acknowledge(
        _ number: ProbeNumber,
        by node: NodeID,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        hear(node, at: now)
        if let place = probes.firstIndex(where: { $0.number == number }) {
            let probe = probes[place]
            guard probe.isAnswered(by: node) else { return }
            probes.remove(at: place)
            health.improve()
            notes.end(
                probe.target,
                node == probe.target
                    ? .answered(after: now - probe.startedAt) : .answeredThroughRelay(node)
            )
            // A later answer may be one to either of two probes (Karn's rule).
            if case .direct = probe.phase { measure(now - probe.startedAt, of: node) }
            if node == probe.target {
                doubts.end(node)
            } else {
                doubts.note(
                    probe.target,
                    number,
                    through: node,
                    at: now,
                    period: settings.period
                )
            }
        } else if let place = errands.firstIndex(where: { $0.number == number }) {
            let errand = errands[place]
            guard errand.target == node else { return }
            errands.remove(at: place)
            doubts.end(node)
            effects.append(.answerRelay(errand.asker, errand.askersNumber, succeeded: true))
        } else {
            doubts.noteLateAnswer(node, number)
        }
    }

    /// A relay did not reach the target either.
    ///
    /// Says nothing about the target until the end.
    mutating func noteFailure(of number: ProbeNumber, by relay: NodeID) {
        guard let place = probes.firstIndex(where: { $0.number == number }),
            case .indirect(let relays, var failed) = probes[place].phase,
            relays.contains(relay), !failed.contains(relay)
        else { return }
        failed.append(relay)
        probes[place].phase = .indirect(relays: relays, failed: failed)
    }

    /// Nobody listens at its address.
    ///
    /// It is the machine itself that says so, or someone on the way: so no relay is asked, and it
    /// is one accusation like any other.
    mutating func noteRefusal(by id: NodeID, at now: Instant, into effects: inout [Effect]) {
        let before = probes.count
        probes.removeAll { $0.target == id }
        if probes.count < before { measured.append(.probeFailed(id, .direct)) }
        for errand in errands where errand.target == id {
            effects.append(.answerRelay(errand.asker, errand.askersNumber, succeeded: false))
        }
        errands.removeAll { $0.target == id }
        notes.end(id, .refused)
        guard let record = records[id], record.isPresent, !isAccusedByUs(id),
            !wasJustHeard(id, at: now)
        else { return }
        accuse(id, at: now, into: &effects)
    }

    // MARK: Details

    /// How long a direct answer may take: three to five times its usual time, within limits.
    func timeout(for id: NodeID) -> Duration {
        let patience = (contacts[id]?.roundTrip ?? typicalRoundTrip)?.patience
        return min(
            max(patience ?? settings.maximumProbeTimeout, settings.minimumProbeTimeout),
            settings.maximumProbeTimeout
        )
    }

    /// How long a look at a member takes in all, before self-health: time for a direct probe, and
    /// for a relay's there and back; a period at most.
    func lookTime(for id: NodeID) -> Duration { min(timeout(for: id) * 4, settings.period) }

    private func wasJustHeard(_ id: NodeID, at now: Instant) -> Bool {
        guard let heard = lastHeard(id) else { return false }
        return now - heard < timeout(for: id)
    }

    private mutating func measure(_ sample: Duration, of id: NodeID) {
        measured.append(.roundTrip(id, nanoseconds: sample.nanoseconds))
        note(id) { $0.roundTrip.add(sample) }
        typicalRoundTrip.add(sample)
    }

    mutating func nextNumber() -> ProbeNumber {
        lastNumber &+= 1
        return ProbeNumber(raw: lastNumber)
    }

    /// Who is asked to probe for us: members nobody suspects, drawn.
    ///
    /// Where links are known to be cut, nobody is asked whom we do not reach ourselves, and beside
    /// those who are drawn the one that reached the target last; twice as many and those who
    /// carried any probe past a cut, where nobody did so yet.
    private mutating func drawRelays(for target: NodeID, at now: Instant) -> [NodeID] {
        let guides = doubts.guides(to: target, at: now)
        guard !guides.isEmpty else { return drawRelays(settings.relays) { $0 != target } }
        let known = guides.filter { id in
            id != target && records[id]?.isPresent == true && !doubts.holds(id)
        }
        let count = doubts.concern(target) ? settings.relays : settings.relays * 2
        return known
            + drawRelays(count) { [doubts] id in
                id != target && !known.contains(id) && !doubts.holds(id)
            }
    }

    /// Few draws in a big cluster, a full look in a small one.
    private mutating func drawRelays(
        _ count: Int,
        where isWanted: (NodeID) -> Bool
    ) -> [NodeID] {
        func isFit(_ id: NodeID) -> Bool { records[id]?.state == .alive && isWanted(id) }
        guard present.count > 8 * count else {
            return random.sample(count, of: present.filter(isFit))
        }
        var relays: [NodeID] = []
        for _ in 0..<8 * count where relays.count < count {
            let id = present[random.below(present.count)]
            if isFit(id), !relays.contains(id) { relays.append(id) }
        }
        return relays
    }
}

extension RoundTrip? {
    /// Takes a measurement in, be it the first or not.
    fileprivate mutating func add(_ sample: Duration) {
        if self?.add(sample) == nil { self = RoundTrip(first: sample) }
    }
}
