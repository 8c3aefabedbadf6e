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

    // MARK: Accusations

    /// Tells some of what speaks against members beside a probe or its answer: a word that was
    /// lost on its way comes again so, and nobody stays suspect for want of the last one.
    mutating func tellCases(to peer: NodeID, at now: Instant) {
        guard evidence.hasFresh else { return }
        // A copy of the roster alone: a closure that asks a node something copies the whole node.
        let roster = roster
        let words = evidence.sample(settings.casesPerProbe, at: now, using: &random) { subject in
            roster.state(of: subject) == .suspect || roster.state(of: subject) == .alive
        }
        for word in words
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

    /// Passes on the words that wait: all of them to the same few, so that they share datagrams.
    mutating func spreadWords(at now: Instant) {
        let batch = wordLine.take(at: now)
        // Two more than needed: who brought a word, and whose it is, need it least.
        let peers = roster.draw(settings.fanOut + 2, using: &random)
        for item in batch {
            var left = settings.fanOut
            for peer in peers where peer != item.sender && peer != item.word.accusation.accuser {
                guard left > 0 else { break }
                outbox.put(.accusation(item.word), for: peer)
                left -= 1
            }
        }
    }

    /// Whether more words against a member change nothing: so many that count are here.
    private func isProven(_ accusation: Accusation) -> Bool {
        guard let member = roster.member(accusation.subject) else { return false }
        var counting = 0
        for word in evidence.words(against: member) where roster.counts(word.accusation.accuser) {
            counting += 1
        }
        return counting >= Evidence.maximumWords
    }

    /// Takes an accusation from the wire.
    ///
    /// Its signature is checked once, and it is passed on at its first sight, unless others say
    /// enough already: whoever gets those needs no more.
    mutating func hear(
        _ signed: SignedAccusation,
        from sender: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        let accusation = signed.accusation
        if accusation.subject == id {
            answer(signed, toldBy: sender, at: now, into: &effects)
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
        guard isSigned(signed, toldBy: sender, at: now, into: &effects) else { return }
        tell(.accused(accusation), at: now, into: &effects)
        // Only what counts here is remembered here, and only what is remembered is passed on: what
        // comes again and again for someone unknown must not go round for ever.
        guard roster.holds(accusation) else {
            evidence.setAside(signed)
            return
        }
        noteSilence(of: accusation.subject, at: now)
        let isNeeded = !isProven(accusation)
        evidence.keep(signed, at: now)
        if isNeeded { wordLine.put(signed, from: sender) }
    }

    /// Whether the accuser is a member that is known here and signed its word; what it did not sign
    /// is counted, and whoever brought it is not heard for a while.
    private mutating func isSigned(
        _ signed: SignedAccusation,
        toldBy sender: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) -> Bool {
        let accuser = signed.accusation.accuser
        // Of an accuser that is not known yet nothing can be said, not even that it did not sign.
        guard let shelf = store.shelf(of: accuser), wordGate.admits(sender, at: now) else {
            return false
        }
        let message = SignedAccusation.message(signed.accusation, in: identity.anchor.cluster)
        if check.isValid(signed.signature, of: message, by: shelf.key) { return true }
        wordGate.close(to: sender, at: now)
        effects.append(.report(.accusationRefused(accuser: accuser, from: sender)))
        return false
    }

    /// Answers what is said against this node: it costs a new HEAD, and that twice a second at most.
    ///
    /// Only a member's word counts, be it dead to us or not: its own, which the seal of the packet
    /// shows to be its own, or another's with that one's signature. Of versions that this node did
    /// not sign nobody can have a word. Who told us gets the answer.
    private mutating func answer(
        _ signed: SignedAccusation,
        toldBy sender: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        let accusation = signed.accusation
        guard let version = headVersion, accusation.accuser != id else { return }
        guard accusation.version <= version else {
            effects.append(
                .report(.accusationRefused(accuser: accusation.accuser, from: sender))
            )
            return
        }
        if accusation.version == version {
            guard roster.state(of: accusation.accuser) != nil,
                !roster.isAccusedBy(accusation.accuser)
            else { return }
            guard
                accusation.accuser == sender
                    || isSigned(signed, toldBy: sender, at: now, into: &effects)
            else { return }
            tell(.accused(accusation), at: now, into: &effects)
        }
        guard maySign, let shelf = store.shelf(of: id), let headVersion,
            headVersion > accusation.version
        else { return }
        // What it accuses is the HEAD that it has: of this start, it needs only what is new.
        let isRenewal = version.incarnation == headVersion.incarnation
        let renewal = isRenewal ? RenewedHead(shelf.head, isNews: true) : nil
        outbox.put(renewal.map(Frame.renewal) ?? .news(shelf.head.bytes), for: sender)
    }

    /// Whether an accusation is of the newest HEAD known or a later one; an older one is void.
    private func isCurrent(_ accusation: Accusation) -> Bool {
        guard let version = roster.version(of: accusation.subject) else { return true }
        return accusation.version >= version
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
