import Registry
import Vocabulary
import Wire

/// What is left to do of a leave.
struct Farewell: Sendable {
    /// Whoever waits for it.
    var tickets: [Ticket]
    /// What comes next, and when.
    var step: Step
    var due: Instant

    enum Step: Sendable {
        /// Endpoints are withdrawn, and flows that know them may still come.
        case draining
        /// The HEAD that says so is signed; it is pushed so many times more.
        case saying(rest: Int)
    }

    /// Whether the HEAD says so already.
    var isSaid: Bool { if case .saying = step { true } else { false } }
}

/// Leaving for good, make before break: first nobody sends new flows here, then the others forget
/// this node's endpoints, and only then it falls silent.
extension GossipNode {
    /// Begins to leave; the answer comes when the farewell was pushed.
    mutating func leave(_ ticket: Ticket, at now: Instant, into effects: inout Effects) {
        guard maySign else { return effects.append(.answer(ticket, .refused(.notReady))) }
        guard farewell == nil else {
            farewell?.tickets.append(ticket)
            return
        }
        let offered = estate.offered
        // Where there is nothing to drain there is nothing to wait for.
        let due = offered.isEmpty ? now : now + settings.drainTimeOnLeave
        farewell = Farewell(tickets: [ticket], step: .draining, due: due)
        giveUpReceipts(at: now, into: &effects)
        // On disk they stay: a node that is started again offers them again. Wishes stay as they
        // are, here and in the copies of those who adopted them.
        for set in offered {
            signPages(of: "\(set.service)/\(set.slice)", entries: [], at: now, into: &effects)
        }
        if due <= now { continueLeaving(at: now, into: &effects) }
        // After the farewell, where that is said at once: its own wishes count no longer.
        publishView(at: now, into: &effects)
    }

    /// The drain is over, or the farewell is to be pushed once more: to others each time.
    mutating func continueLeaving(at now: Instant, into effects: inout Effects) {
        guard let farewell, now >= farewell.due else { return }
        switch farewell.step {
        case .draining:
            self.farewell?.step = .saying(rest: settings.farewells - 1)
            self.farewell?.due = now + settings.farewellGap
            signHead(at: now, into: &effects)
        case .saying(let rest) where rest > 0:
            if let head = store.shelf(of: id)?.head { push(head, from: nil, at: now) }
            self.farewell?.step = .saying(rest: rest - 1)
            self.farewell?.due = now + settings.farewellGap
        case .saying:
            // What came in these last moments is held, so it is shown: nothing is after this.
            publishView(at: now, into: &effects)
            isHurried = true
            flush(at: now, into: &effects)
            phase = .left
            maySign = false
            self.farewell = nil
            for ticket in farewell.tickets { effects.append(.answer(ticket, .left)) }
            republish(at: now, into: &effects)
        }
    }
}
