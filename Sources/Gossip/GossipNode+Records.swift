import Membership
import Registry
import Sodium
import Vocabulary
import Wire

/// Records: taking them in and passing them on.
extension GossipNode {
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
        let check: SignatureCheck? = isOwn || isVouchedFor ? nil : self.check
        let expelled = record.header.kind == .revoke ? concerned(by: record) : []
        switch store.accept(record, at: wall(at: now), check: check) {
        case .refused(let refusal):
            if let sender { report(refusal, of: record, from: sender, into: &effects) }
            if refusal == .waiting, let sender { wantHead(of: record.author, from: sender) }
            if refusal == .waiting, sender != nil, isFromAnotherStart(record, at: now) {
                surpass(record.header.incarnation, at: now, into: &effects)
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
            noteStored(record, from: sender, isNews: isNews, at: now, into: &effects)
            for waiting in released {
                accept(waiting, from: sender, isNews: isNews, at: now, into: &effects)
            }
            return true
        }
    }

    /// Whether a record that the store did not look into is truly this node's, of a start that
    /// may be: others can write our name on anything.
    private func isFromAnotherStart(_ record: Record, at now: Instant) -> Bool {
        record.author == id && record.header.incarnation >> 32 <= wall(at: now).seconds + 86_400
            && check.isValid(
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
                if roster.accusations(of: record.author).contains(word.accusation) {
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
        case .manifest, .declaration, .endpoints, .releases, .retractions, .cluster: break
        }
        if record.author == id, sender != nil || record.header.kind == .fault {
            // This incarnation signed everything it has: what it does not know is another's, and
            // what is proven against it is void.
            surpass(record.header.incarnation, at: now, into: &effects)
            if record.header.kind != .fault { return }
        }
        let isWorthPassingOn = isNews || (sender != nil && mayPassOnRepair(at: now))
        if isWorthPassingOn { push(record, except: sender) }
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

    /// Sends a record to a few live members, at once.
    func pushTargets(except sender: NodeID?, random: inout RandomStream) -> [NodeID] {
        let present = roster.presentNames
        // In a large cluster few draws find them; in a small one there might be too few to find.
        guard present.count > 16 * settings.fanOut else {
            var living: [NodeID] = []
            for id in present where roster.state(of: id) == .alive && id != sender {
                living.append(id)
            }
            return random.sample(settings.fanOut, of: living)
        }
        var targets: [NodeID] = []
        for _ in 0..<8 * settings.fanOut where targets.count < settings.fanOut {
            let id = present[random.below(present.count)]
            if id != sender, !targets.contains(id), roster.state(of: id) == .alive {
                targets.append(id)
            }
        }
        return targets
    }

    mutating func push(_ record: Record, except sender: NodeID?) {
        for peer in pushTargets(except: sender ?? record.author, random: &random)
        where peer != record.author {
            outbox.put(.news(record.bytes), for: peer)
        }
    }

    /// A reconciliation after a partition brings few records that all others lack, or many
    /// that a newcomer lacks: only the former are worth passing on at once.
    private mutating func mayPassOnRepair(at now: Instant) -> Bool {
        if now >= repairsCountedSince + .seconds(1) {
            repairsCountedSince = now
            repairsPassedOn = 0
        }
        repairsPassedOn += 1
        return repairsPassedOn <= settings.repairsPassedOn
    }

    private mutating func wantHead(of author: NodeID, from sender: NodeID) {
        let key = RecordKey(kind: .head, author: author, incarnation: 0, slot: 0)
        outbox.put(.want([key.trieKey]), for: sender)
    }

    /// Sends the records at these trie keys, as far as they are here and fit the budget.
    mutating func serve(_ keys: [UInt64], to peer: NodeID) {
        var room = settings.reconcileBudget * Datagram.frameCapacity
        for key in keys {
            for record in store.records(trieKey: key) {
                room -= record.bytes.count + Frame.headerLength
                guard room >= 0 else { return }
                outbox.put(.repair(record.bytes), for: peer)
            }
        }
    }
}
