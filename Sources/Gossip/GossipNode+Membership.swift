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
        }
        roster.handle(event, at: now, into: &wishes)
        for wish in wishes { grant(wish, at: now, into: &effects) }
    }

    private mutating func grant(
        _ wish: Roster.Effect,
        at now: Instant,
        into effects: inout Effects
    ) {
        switch wish {
        case .probe(let peer, let number):
            outbox.put(.probe(number, myDigest(at: now)), for: peer)
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
            evidence.keep(word, at: now)
            spread(word, except: nil)
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
                askForDigest(of: peer, at: now)
            }
            // Who is alive because more members want more words may be suspect again by the same
            // words, and must be able to refute them then.
            if to == .left || to == .alive && roster.accusations(of: peer).isEmpty {
                evidence.drop(peer)
            }
            if to >= .dead { sizeCheck.forget(peer) }
            // Seldom does one return alone: a cut that is mended brings back all behind it.
            if from == .dead, to == .alive { dialSoon(at: now) }
        }
    }

    /// Takes note of whether a peer's store equals ours.
    mutating func note(_ peer: NodeID, agrees: Bool?, at now: Instant) {
        // What only changes a mark asks for nothing.
        var nothing: [Roster.Effect] = []
        roster.handle(.compared(peer, agrees: agrees), at: now, into: &nothing)
    }

    // MARK: Those who are out of sight

    /// Tries to reach a dead member: with the word against it, which it can refute if it lives.
    private mutating func dial(_ peer: NodeID, at now: Instant, into effects: inout Effects) {
        if !confront(peer, at: now) { greet(peer, at: now, into: &effects) }
    }

    /// Shows a member that we hear, or try to reach, why it counts as suspect or dead.
    ///
    /// - Returns: Whether there was anything to show.
    @discardableResult
    mutating func confront(_ peer: NodeID, at now: Instant) -> Bool {
        guard let state = roster.state(of: peer), state == .suspect || state == .dead,
            let member = roster.member(peer),
            let word = evidence.toShow(member, at: now, gap: settings.confrontationGap)
        else { return false }
        outbox.put(.accusation(word), for: peer)
        return true
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

    // MARK: Accusations

    /// Tells some of what speaks against members beside a probe or its answer: a word that was
    /// lost on its way comes again so, and nobody stays suspect for want of the last one.
    mutating func tellCases(to peer: NodeID, at now: Instant) {
        for word in evidence.sample(settings.casesPerProbe, at: now, using: &random)
        where word.accusation.subject != peer && word.accusation.accuser != peer {
            outbox.put(.accusation(word), for: peer)
        }
    }

    /// Tells a peer that has just started of everybody who is suspect or dead, with as many words
    /// as it takes: it may have found them alive on its disk.
    mutating func tellAllCases(to peer: NodeID, at now: Instant) {
        guard maySign, evidence.mayTellAll(to: peer, at: now) else { return }
        var room = settings.wordsForNewcomers
        for subject in roster.accusedNames where subject != peer {
            guard let member = roster.member(subject),
                member.state == .suspect || member.state == .dead
            else { continue }
            var told = 0
            for word in evidence.words(against: member)
            where word.accusation.accuser != peer && roster.counts(word.accusation.accuser) {
                guard told < settings.casesPerProbe, room > 0 else { break }
                outbox.put(.accusation(word), for: peer)
                told += 1
                room -= 1
            }
            // Those who spoke may have gone since: then each of the living lends its own word.
            guard member.state == .dead, !member.accusers.contains(id), room > 0 else { continue }
            let own = Accusation(accuser: id, subject: subject, version: member.version)
            outbox.put(.accusation(word(for: own)), for: peer)
            room -= 1
        }
    }

    private func word(for accusation: Accusation) -> SignedAccusation {
        let message = SignedAccusation.message(accusation, in: identity.anchor.cluster)
        return SignedAccusation(accusation, signature: pen.sign(message))
    }

    private mutating func spread(_ accusation: SignedAccusation, except sender: NodeID?) {
        for peer in roster.draw(settings.fanOut, except: sender, using: &random)
        where peer != accusation.accusation.accuser {
            outbox.put(.accusation(accusation), for: peer)
        }
    }

    /// Takes an accusation from the wire.
    ///
    /// Its signature is checked once, and it is passed on at its first sight.
    mutating func hear(
        _ signed: SignedAccusation,
        from sender: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        let accusation = signed.accusation
        if accusation.subject == id {
            answer(accusation.version, toldBy: sender, at: now, into: &effects)
            return
        }
        // Who still accuses whom we count as dead lacks the words that we have.
        if accusation.accuser == sender, let subject = roster.member(accusation.subject),
            subject.state == .dead, subject.version == accusation.version,
            evidence.mayTeach(sender, of: subject.id, at: now, gap: settings.confrontationGap)
        {
            let words = evidence.words(against: subject)
            for word in words.prefix(settings.casesPerProbe)
            where word.accusation.accuser != sender {
                outbox.put(.accusation(word), for: sender)
            }
            // The words that buried it may be of nodes that died since and count no more: then
            // each of the living lends its own to one that has just begun.
            if maySign, !words.contains(where: { $0.accusation.accuser == id }) {
                let own = Accusation(accuser: id, subject: subject.id, version: subject.version)
                outbox.put(.accusation(word(for: own)), for: sender)
            }
        }
        guard accusation.accuser != id, accusation.accuser != accusation.subject,
            !roster.holds(accusation),
            isCurrent(accusation), !evidence.hasSetAside(signed)
        else { return }
        // Of an accuser that is not known yet nothing can be said, not even that it did not sign.
        guard let accuser = store.shelf(of: accusation.accuser) else { return }
        let message = SignedAccusation.message(accusation, in: identity.anchor.cluster)
        guard check.isValid(signed.signature, of: message, by: accuser.key) else {
            effects.append(
                .report(.accusationRefused(accuser: accusation.accuser, from: sender))
            )
            return
        }
        tell(.accused(accusation), at: now, into: &effects)
        // Only what counts here is remembered here, and only what is remembered is passed on: what
        // comes again and again for someone unknown must not go round for ever.
        guard roster.holds(accusation) else {
            evidence.setAside(signed)
            return
        }
        evidence.keep(signed, at: now)
        spread(signed, except: sender)
    }

    /// Answers what is said against this node, whoever said it first: it costs a new HEAD, and
    /// that twice a second at most.
    ///
    /// Who told us gets the answer, be we dead to it or not.
    private mutating func answer(
        _ version: MemberVersion,
        toldBy sender: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        let accusation = Accusation(accuser: sender, subject: id, version: version)
        tell(.accused(accusation), at: now, into: &effects)
        guard maySign, let shelf = store.shelf(of: id), let headVersion, headVersion > version
        else { return }
        outbox.put(.news(shelf.head.bytes), for: sender)
    }

    /// Whether an accusation is of the newest HEAD known or a later one; an older one is void.
    private func isCurrent(_ accusation: Accusation) -> Bool {
        guard let version = roster.version(of: accusation.subject) else { return true }
        return accusation.version >= version
    }

    /// What membership means for a node's endpoints.
    ///
    /// Our own are always there.
    func standing(of node: NodeID) -> NodeStanding { roster.standing(of: node, seenBy: id) }
}

extension Roster {
    func standing(of node: NodeID, seenBy myself: NodeID) -> NodeStanding {
        guard node != myself else { return .working }
        return switch state(of: node) {
        case .alive, nil: .working
        case .suspect: .suspect
        case .dead, .left: .gone
        }
    }
}
