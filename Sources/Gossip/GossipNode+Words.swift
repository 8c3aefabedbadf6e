import Membership
import Registry
import Vocabulary
import Wire

/// Words against members: heard and checked once, passed on to a few, told again beside probes, and
/// answered where they are against this node (gossip design, section 2).
extension GossipNode {
    /// Tells some of what speaks against members beside a probe or its answer: a word that was
    /// lost on its way comes again so, and nobody stays suspect for want of the last one.
    mutating func tellCases(to peer: NodeID, at now: Instant) {
        guard evidence.hasFresh else { return }
        // A copy of the roster alone: a closure that asks a node something copies the whole node.
        let roster = roster
        let words = evidence.sample(settings.casesPerProbe, at: now, using: &random) { subject in
            // With a lone word as well: without it T5 takes a quarter of a second more.
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

    func word(for accusation: Accusation) -> SignedAccusation {
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
}
