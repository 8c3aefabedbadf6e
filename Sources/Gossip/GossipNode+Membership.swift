import Membership
import Registry
import Vocabulary
import Wire

/// Carries events to the roster and its wishes to the wire.
extension GossipNode {
    mutating func tell(_ event: Roster.Event, at now: Instant, into effects: inout Effects) {
        var wishes: [Roster.Effect] = []
        if case .headSeen(let node, _, _) = event {
            locate(node)
            outsiders.remove(node)
            // Our word against it may be void now.
            noteSilence(of: node, at: now)
        }
        roster.handle(event, at: now, into: &wishes)
        for measurement in roster.measured { effects.append(.measured(measurement)) }
        for wish in wishes { grant(wish, at: now, into: &effects) }
    }

    private mutating func grant(
        _ wish: Roster.Effect,
        at now: Instant,
        into effects: inout Effects
    ) {
        switch wish {
        case .probe(let peer, let number):
            let digest = myDigest(at: now)
            probed.note(digest, in: number)
            outbox.put(.probe(number, digest), for: peer)
            tellCases(to: peer, at: now)
        case .askRelay(let relay, let target, let number):
            outbox.put(.relayProbe(number, target: target), for: relay)
        case .answerRelay(let peer, let number, let succeeded):
            let answer: Frame =
                succeeded ? .acknowledgement(number, myDigest(at: now)) : .noAnswer(number)
            outbox.put(answer, for: peer)
        case .accuse(let accusation):
            // A word bears no incarnation, so it needs none on disk; it leaves when one is. Without
            // it the accused could never refute.
            let word = word(for: accusation)
            noteSilence(of: accusation.subject, at: now)
            evidence.keep(word, at: now)
            wordLine.put(word, from: nil)
            // The subject may be able to hear us though we do not hear it: it can refute.
            outbox.put(.accusation(word), for: accusation.subject)
        case .refute(let version):
            // Of a later start than this one only a signature of ours could tell.
            guard version.incarnation <= pen.incarnation else { return }
            pen.skip(past: version.sequence)
            signHead(at: now, into: &effects)
            effects.append(.report(.refuted))
        case .dial(let peer):
            dial(peer, at: now, into: &effects)
        case .changed(let peer, let from, let to):
            judged.append(peer)
            staleView(at: now)
            let name = name(of: peer)
            tellChange(of: peer, from: from, to: to, into: &effects)
            if to == .alive, name == identity.certificate.content.name {
                effects.append(.report(.nameShared(peer, name: name)))
            }
            // Whoever comes back has missed something, and so have we.
            if to == .alive, from == .dead || from == .suspect {
                compareSoon(with: peer, at: now)
            }
            // Who is alive because more members want more words may be suspect again by the same
            // words, and must be able to refute them then.
            if to == .left || to == .alive && roster.accusations(of: peer).isEmpty {
                evidence.drop(peer)
            }
            if to >= .dead { sizeCheck.forget(peer) }
            if to == .alive || to == .left { unheeded.end(peer) }
            // Whether full-size datagrams reach it is better known before it matters.
            if to == .alive, from == nil { sizeCheck.expect(peer) }
            // Seldom does one return alone: a cut that is mended brings back all behind it.
            if from == .dead, to == .alive { dialSoon(at: now) }
        }
    }

    /// Takes note of whether a peer's store equals ours.
    mutating func note(_ peer: NodeID, agrees: Bool?, at now: Instant) {
        // What only changes a mark asks for nothing.
        var nothing: [Roster.Effect] = []
        roster.handle(.compared(peer, agrees: agrees), at: now, into: &nothing)
        if agrees == true, wants.count > 0 { wants.settle(with: peer) }
    }

    // MARK: Those who are out of sight

    /// Tries to reach a dead member: with the word against it, which it can refute if it lives.
    private mutating func dial(_ peer: NodeID, at now: Instant, into effects: inout Effects) {
        guard !confront(peer, at: now) else { return }
        // Where it was shown a word just now, its answer may be on the way.
        if let member = roster.member(peer), !evidence.words(against: member).isEmpty { return }
        greet(peer, at: now, into: &effects)
    }

    /// Compares stores with a member that returned; where many do, with one of them for all.
    private mutating func compareSoon(with peer: NodeID, at now: Instant) {
        guard now >= comparisonDue else { return }
        comparisonDue = now + settings.comparisonGap
        askForDigest(of: peer, at: now)
    }

    /// Shows a member that we hear, or try to reach, why it counts as suspect or dead, or what we
    /// say against it ourselves.
    ///
    /// - Returns: Whether there was anything to show.
    @discardableResult
    mutating func confront(_ peer: NodeID, at now: Instant) -> Bool {
        guard roster.isAnyoneDoubted, let state = roster.state(of: peer),
            state == .suspect || state == .dead || roster.isAccusedByUs(peer),
            let member = roster.member(peer)
        else { return false }
        let words = evidence.toShow(
            member,
            enough: roster.needed(against: peer).toSuspect,
            at: now,
            gap: settings.confrontationGap
        )
        for word in words { outbox.put(.accusation(word), for: peer) }
        return !words.isEmpty
    }

    /// The same for a member that was heard just now: where it goes on without an answer to that,
    /// nothing of ours reaches it.
    mutating func confrontHeard(_ peer: NodeID, at now: Instant) {
        guard confront(peer, at: now), roster.isAccusedByUs(peer),
            let member = roster.member(peer)
        else { return }
        unheeded.note(member, at: now)
    }

    private mutating func dialSoon(at now: Instant) {
        redialDue = min(redialDue, now + random.duration(below: settings.redialGap * 2))
    }

    /// Dials one more of the dead; the next one when this one returns.
    mutating func redial(at now: Instant, into effects: inout Effects) {
        redialDue = .never
        for peer in random.sample(settings.redials, of: roster.deadNames) {
            dial(peer, at: now, into: &effects)
        }
    }

    /// Something changes what is said of a member, or it is heard: where nothing came from it in this
    /// run, that changes what its endpoints are worth, though its state may be as before.
    mutating func noteSilence(of subject: NodeID, at now: Instant) {
        guard roster.isSilentSinceStart(subject) else { return }
        judged.append(subject)
        staleView(at: now)
    }

    /// What membership means for a node's endpoints.
    ///
    /// Our own are always there.
    func standing(of node: NodeID) -> NodeStanding { roster.standing(of: node, seenBy: id) }
}

extension Roster {
    func standing(of node: NodeID, seenBy myself: NodeID) -> NodeStanding {
        guard node != myself else { return .working }
        // Who comes from the disk, was never heard and does not answer may be gone, or we are cut
        // off: new flows go where there is another endpoint. But on our word alone nothing is
        // taken away of what we were told before.
        return switch state(of: node) {
        case .alive where isSilentSinceStart(node): .suspect
        case .alive, nil: .working
        case .suspect: .suspect
        case .dead where isSilentSinceStart(node) && isAccusedByUsAlone(node): .suspect
        case .dead, .left: .gone
        }
    }
}
