import Registry
import Vocabulary

/// Deleting: one's own wish, everybody's, and what others deleted for everybody (registry design,
/// section 4).
extension GossipNode {
    /// Deletes a service: this node's wish for it, and, with an administrator's right, everybody
    /// else's.
    mutating func withdraw(
        _ name: ServiceName,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        refreshIndex(at: now)
        let service = ServiceID(of: name, in: identity.anchor.cluster)
        let declarers = index.wishes(for: service).map(\.author).sorted().uniqued
        let others = declarers.filter { $0 != id }
        let own = estate[name].map { !isWaitingCopy($0) } ?? false
        guard own || !others.isEmpty else { return .refused(.unknown(name)) }
        let certificate = identity.certificate.content
        let mayRetract = certificate.isAdmin && certificate.allows(namespace: name.namespace)
        guard own || mayRetract else {
            return .refused(.notOurs(name, declaredBy: others))
        }
        if !others.isEmpty, mayRetract { retract(name, service, at: now, into: &effects) }
        if estate[name] != nil { drop(name, at: now, into: &effects) }
        signLines(at: now, into: &effects)
        publishUnlessBatched(at: now, into: &effects)
        return .withdrawn(stillDeclaredBy: mayRetract ? [] : others)
    }

    /// Takes back this node's wish, or a copy it made, with the slot it stands in.
    mutating func drop(_ name: ServiceName, at now: Instant, into effects: inout Effects) {
        guard let wish = estate[name] else { return }
        if !isWaitingCopy(wish) { release(wish.declaration.claims, of: name, at: now) }
        estate[name] = nil
        effects.append(.persist([Estate.change(wish: name, to: nil)]))
        if let slot = wish.slot { extinguish(slot, at: now, into: &effects) }
    }

    private mutating func retract(
        _ name: ServiceName,
        _ service: ServiceID,
        at now: Instant,
        into effects: inout Effects
    ) {
        // After every wish that is in sight, be its author's clock ahead.
        let seen = (index.wishes(for: service) + index.copies(for: service))
            .map(\.declaration.specStamp)
        let line = Retraction(
            service: service,
            upTo: max(pen.stamp(at: wall(at: now)), seen.max() ?? .zero)
        )
        for old in estate.retractions.remove(where: { $0.service == service }) {
            effects.append(.persist([Estate.change(retraction: old, isThere: false)]))
        }
        estate.retractions.insert(line)
        effects.append(.persist([Estate.change(retraction: line, isThere: true)]))
    }

    /// Drops the wishes of this node that an administrator deleted, and lines that have done
    /// their work.
    mutating func heedRetractions(at now: Instant, into effects: inout Effects) {
        guard maySign else { return }
        // Asked each second: ten thousand wishes are not looked through for nothing.
        for name in index.hasRetractions ? estate.wishedFor : [] {
            guard let wish = estate[name], let upTo = index.retraction(of: name),
                signedStamp(of: wish) <= upTo
            else { continue }
            drop(name, at: now, into: &effects)
            effects.append(.report(.retracted(name)))
        }
        let time = wall(at: now)
        let old = estate.retractions.remove { line in
            let made = WallTime(milliseconds: line.upTo.milliseconds)
            return time >= made.advanced(by: Retraction.retention)
        }
        for line in old {
            effects.append(.persist([Estate.change(retraction: line, isThere: false)]))
        }
        estate.releases.remove { !$0.isFresh(at: time) }
        signLines(at: now, into: &effects)
    }

    /// Tells others to leave places alone for a while that a service of ours gave up.
    mutating func release(_ claims: [Claim], of name: ServiceName, at now: Instant) {
        let service = ServiceID(of: name, in: identity.anchor.cluster)
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.tellsNoRelease) { return }
        #endif
        let owners = index.wishes(for: service).filter { $0.author != id }
        for claim in claims {
            let resource = claim.resource
            let isHeld = owners.contains {
                $0.declaration.claims.contains { $0.resource == resource }
            }
            guard !isHeld, index.book.owner(of: resource) == service,
                estate.releases.lines.count < Self.maximumReleases
            else { continue }
            estate.releases.remove { $0.resource == resource }
            let line = Release(
                resource: resource,
                service: service,
                releasedAt: pen.stamp(at: wall(at: now))
            )
            estate.releases.insert(line)
        }
    }

    /// Advice is not worth more records than this many lines take; every node also remembers by
    /// itself what it saw given up.
    private static let maximumReleases = 10 * Release.maximumCount

    /// Signs the pages of RETRACT and RELEASE that changed.
    mutating func signLines(at now: Instant, into effects: inout Effects) {
        guard maySign else { return }
        var ledger = estate.ledger
        let retractions = estate.retractions.settle { ledger.open() }
        let releases = estate.releases.settle { ledger.open() }
        estate.ledger = ledger
        for (slot, lines) in retractions.write {
            let told = lines.map {
                Retraction(service: $0.service, upTo: believable($0.upTo, at: now))
            }
            sign(.retract, slot, .retractions(told), at: now, into: &effects)
        }
        for (slot, lines) in releases.write {
            let told = lines.map {
                Release(
                    resource: $0.resource,
                    service: $0.service,
                    releasedAt: believable($0.releasedAt, at: now)
                )
            }
            sign(.release, slot, .releases(told), at: now, into: &effects)
        }
        for slot in retractions.close + releases.close {
            extinguish(slot, at: now, into: &effects)
        }
    }

    private mutating func sign(
        _ kind: RecordKind,
        _ slot: UInt32,
        _ body: RecordBody,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard let record = pen.write(kind, slot: slot, body, at: wall(at: now)) else {
            preconditionFailure("a page of lines of kind \(kind) fits no record")
        }
        accept(record, from: nil, isNews: true, at: now, into: &effects)
    }
}
