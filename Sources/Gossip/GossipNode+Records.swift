import Membership
import Registry
import Sodium
import Vocabulary
import Wire

/// Records: taking them in and passing them on.
extension GossipNode {
    /// Takes a record that a member sealed, unless it sent too much that nobody signed.
    ///
    /// Hellos are no such: whoever sends one may name another member as its sender.
    mutating func offer(
        _ record: Record,
        from sender: NodeID,
        isNews: Bool,
        at now: Instant,
        into effects: inout Effects
    ) {
        let isHead = record.header.kind == .head
        guard recordGate.admits(sender, at: now), !isHead || headGate.admits(sender, at: now) else {
            return effects.append(.report(.recordUnread(from: sender)))
        }
        let isTaken = accept(record, from: sender, isNews: isNews, at: now, into: &effects)
        // Of what waited for a HEAD somebody else may be the one who brought it.
        guard !isTaken, case .report(.recordRefused(let refusal, _, _))? = effects.list.last else {
            return
        }
        switch refusal {
        case .signature: recordGate.charge(sender, at: now)
        case .certificate: headGate.charge(sender, at: now)
        default: break
        }
    }

    /// Offers a record to the store, and does what follows from it.
    ///
    /// `sender` is `nil` for what this node or its disk had; `isNews` says whether it is to be
    /// passed on at first sight; `isVouchedFor`, whether this node checked its signature before.
    ///
    /// - Returns: Whether it was stored.
    @discardableResult
    mutating func accept(
        _ record: Record,
        from sender: NodeID?,
        isNews: Bool,
        isVouchedFor: Bool = false,
        at now: Instant,
        into effects: inout Effects
    ) -> Bool {
        let isOwn = record.author == id && sender == nil
        if wants.count > 0 { wants.arrived(record.key.trieKey) }
        let check: SignatureCheck? = isOwn || isVouchedFor ? nil : self.check
        let expelled = record.header.kind == .revoke ? concerned(by: record) : []
        let start = store.earlierStart(than: record)
        let before = record.header.kind == .head ? store.shelf(of: record.author)?.head : nil
        switch store.accept(record, at: wall(at: now), check: check) {
        case .refused(let refusal):
            // Of our own none should be refused: then people must hear of it, too.
            report(refusal, of: record, from: sender ?? id, into: &effects)
            if refusal == .waiting, let sender {
                let head = RecordKey(kind: .head, author: record.author, incarnation: 0, slot: 0)
                wants.want(head.trieKey, from: sender)
            }
            // The store did not look into it: it says that it is this node's, of a start that may be.
            if refusal == .waiting, let sender, record.author == id,
                record.header.incarnation >> 32 <= wall(at: now).seconds + 86_400
            {
                if isSignedByThisNode(record) {
                    surpass(record.header.incarnation, at: now, into: &effects)
                } else {
                    report(.signature, of: record, from: sender, into: &effects)
                }
            }
            return false
        case .exposed(let proof):
            noteStored(proof, from: sender, isNews: true, at: now, into: &effects)
            return false
        case .stored(let released):
            bidFarewell(to: expelled, with: record, at: now, into: &effects)
            if record.author == id, sender == nil {
                receipts.note(record.key.trieKey, record.header.sequence, at: now)
            }
            pen.notice(record.header.time, at: wall(at: now))
            if case .head(let head) = record.body, let start {
                noteStart(of: record, head, after: start, isOwn: isOwn, at: now)
            }
            if record.header.kind == .head { baseless.remove(record.key.trieKey) }
            let isRenewal = before.map { HeadRenewal.suffices(from: $0, to: record) } ?? false
            noteStored(
                record,
                isRenewal: isRenewal,
                from: sender,
                isNews: isNews,
                at: now,
                into: &effects
            )
            for waiting in released {
                accept(waiting, from: sender, isNews: isNews, at: now, into: &effects)
            }
            return true
        }
    }

    /// Takes note of where a start is: one identity may run on two machines.
    private mutating func noteStart(
        of record: Record,
        _ head: Head,
        after before: Twins.Beginning,
        isOwn: Bool,
        at now: Instant
    ) {
        guard !isOwn, let after = Twins.Beginning(record.header.incarnation, head) else { return }
        if record.author == id {
            twins.noteRival(at: after.place)
        } else {
            twins.note(record.author, before: before, after: after, at: now)
        }
    }

    /// Whether it truly is ours: others can write our name on anything.
    private func isSignedByThisNode(_ record: Record) -> Bool {
        check.isValid(
            record.signature,
            of: record.signedBytes(in: identity.anchor.cluster),
            by: identity.key.verifyingKey
        )
    }

    private func report(
        _ refusal: Refusal,
        of record: Record,
        from sender: NodeID,
        into effects: inout Effects
    ) {
        switch refusal {
        case .known, .older, .waiting, .dead:
            break  // Gossip repeats itself: this is its normal life.
        case .future, .certificate, .expired, .signature, .lease, .namespace, .address, .quota,
            .slot, .right, .revoked, .faulty:
            effects.append(.report(.recordRefused(refusal, author: record.author, from: sender)))
        }
    }

    private mutating func noteStored(
        _ record: Record,
        isRenewal: Bool = false,
        from sender: NodeID?,
        isNews: Bool,
        at now: Instant,
        into effects: inout Effects
    ) {
        reconciler.lastChange = now
        staleView(at: now)
        switch record.body {
        case .head(let head):
            let version = MemberVersion(
                incarnation: record.header.incarnation,
                sequence: record.header.sequence
            )
            evidence.drop(record.author, before: version)
            tell(.headSeen(record.author, version, left: head.hasLeft), at: now, into: &effects)
            for word in evidence.takeEarly(against: record.author) {
                if roster.holds(word.accusation) {
                    evidence.keep(word, at: now)
                } else if word.accusation.version > version {
                    evidence.setAside(word)
                }
            }
        case .revocation(let revocation):
            effects.append(.report(.revoked(revocation.node, reason: revocation.reason)))
            heed(revocation, at: now, into: &effects)
            forgetVanished(at: now, into: &effects)
        case .fault(let proof):
            effects.append(.report(.faultProven(proof.author, proof.incarnation)))
            forgetVanished(at: now, into: &effects)
        case .manifest:
            if let sender { expectSlots(of: record.author, namedBy: sender, at: now) }
        case .declaration, .endpoints, .releases, .retractions, .cluster: break
        }
        if record.author == id, sender != nil || record.header.kind == .fault {
            // This incarnation signed everything it has: what it does not know is another's, and
            // what is proven against it is void.
            surpass(record.header.incarnation, at: now, into: &effects)
            if record.header.kind != .fault { return }
        }
        if isNews {
            push(record, isRenewal: isRenewal, from: sender, at: now)
            // Whoever says goodbye says nothing afterwards.
            if case .head(let head) = record.body, head.hasLeft, record.author == id {
                isHurried = true
            }
        } else if sender != nil, reconciler.bulk == nil,
            phase != .joining || record.isFresh(at: wall(at: now), for: settings.freshTime)
        {
            // After a partition others may lack it too; a newcomer's thousands nobody lacks, but
            // where all begin together each is a newcomer, and each record is just signed.
            news.tell(of: record, from: sender, at: now)
        }
    }

    /// Forgets as members those of whom the store holds nothing any more.
    mutating func forgetVanished(at now: Instant, into effects: inout Effects) {
        for member in roster.members.map(\.id) where member != id && store.shelf(of: member) == nil
        {
            peers.forget(member)
            clock.forget(member)
            evidence.drop(member)
            tell(.forgotten(member), at: now, into: &effects)
        }
    }
}

extension RecordStore {
    /// Of a HEAD of another start than the one that is here: that one.
    fileprivate func earlierStart(than record: Record) -> Twins.Beginning? {
        guard record.header.kind == .head, let shelf = shelf(of: record.author),
            shelf.incarnation != record.header.incarnation
        else { return nil }
        return Twins.Beginning(shelf.incarnation, shelf.content)
    }
}

extension Record {
    /// Whether it was signed so lately that it may be on its way still.
    fileprivate func isFresh(at time: WallTime, for span: Duration) -> Bool {
        header.time.milliseconds + UInt64(max(span.wholeMilliseconds, 0)) >= time.milliseconds
    }
}
