import Vocabulary

// What a roster does beside its own probes: it probes for others, and dials the dead.

extension Roster {
    mutating func runErrand(
        _ askersNumber: ProbeNumber,
        target: NodeID,
        for asker: NodeID,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard records[asker] != nil, asker != target else { return }
        guard target != myself else {
            return effects.append(.answerRelay(asker, askersNumber, succeeded: true))
        }
        guard records[target] != nil else {
            return effects.append(.answerRelay(asker, askersNumber, succeeded: false))
        }
        let isRepeat = errands.contains { $0.asker == asker && $0.askersNumber == askersNumber }
        guard !isRepeat, makeRoomForErrand(of: asker) else { return }
        // A fifth less than the asker would wait, so that our word arrives before it judges.
        let errand = Errand(
            number: nextNumber(),
            target: target,
            asker: asker,
            askersNumber: askersNumber,
            due: now + timeout(for: target) * 4 / 5
        )
        errands.append(errand)
        agenda.set(.errand(errand.number), at: errand.due)
        effects.append(.probe(target, errand.number))
    }

    /// Whether another errand of a member finds room.
    ///
    /// Where there is none, the latest of whoever has the most goes for it, without a word about its
    /// target. So one member, or a few, that ask for all of them take nothing from the others.
    private mutating func makeRoomForErrand(of asker: NodeID) -> Bool {
        guard errands.count >= settings.maximumErrands else { return true }
        var counts: [NodeID: Int] = [:]
        for errand in errands { counts[errand.asker, default: 0] += 1 }
        var (place, most) = (0, 0)
        for (index, errand) in errands.enumerated() where counts[errand.asker] ?? 0 >= most {
            // Of equals the first stays the one, with its latest errand.
            let count = counts[errand.asker] ?? 0
            if count > most || errands[place].asker == errand.asker {
                (place, most) = (index, count)
            }
        }
        guard most > (counts[asker] ?? 0) + 1 else { return false }
        errands.remove(at: place)
        return true
    }

    mutating func failErrand(_ number: ProbeNumber, into effects: inout [Effect]) {
        guard let place = errands.firstIndex(where: { $0.number == number }) else { return }
        let errand = errands.remove(at: place)
        effects.append(.answerRelay(errand.asker, errand.askersNumber, succeeded: false))
    }

    /// Tries to reach one dead member, whatever their number: never forget, at a fixed price.
    mutating func dialDead(at now: Instant, into effects: inout [Effect]) {
        let next = dialRound.next(of: NodeSet(rising: dead), using: &random) { [records] id in
            records[id]?.state == .dead
        }
        if let next { effects.append(.dial(next)) }
        dialDue = .never
        planDial(from: now)
    }

    mutating func planDial(from now: Instant) {
        if dead.isEmpty { dialDue = .never }
        guard !dead.isEmpty, dialDue == .never else { return }
        let period = settings.dialPeriod
        dialDue = now + period * 3 / 4 + random.duration(below: period / 2)
        agenda.set(.dial, at: dialDue)
    }
}
