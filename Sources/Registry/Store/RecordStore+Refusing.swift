import Sodium
package import Vocabulary

/// Why a record is not taken: everything cheap before the signature (registry design, section 9).
extension RecordStore {
    func cheapRefusal(of record: Record, at now: WallTime) -> Refusal? {
        let header = record.header
        if !header.time.isBelievable(at: now) { return .future }
        if header.kind.isNumbered, let refusal = numberedRefusal(of: header, at: now) {
            return refusal
        }
        guard let old = self[sameAs: record] else { return nil }
        if old.hash == record.hash { return .known }
        if Record(old).version < record.version { return nil }
        // Where both cannot be, they are a proof, whichever of them would stay.
        let isFault =
            header.kind.isNumbered && old.header.incarnation == header.incarnation
            && old.contradicts(record.storage)
        return isFault ? nil : .older
    }

    /// Whether a later version stands where a record would stand.
    func isOlder(_ record: Record) -> Bool {
        guard let old = self[sameAs: record] else { return false }
        return record.version < Record(old).version
    }

    /// What stands where a record would stand.
    private subscript(sameAs record: Record) -> RecordStorage? {
        switch record.header.kind {
        case .declaration, .endpoints, .release, .retract:
            // Whatever kind it is of: a slot holds one thing.
            shelves[record.author].flatMap { $0[slot: record.header.slot] }
        case .head, .manifest, .cluster, .revoke, .fault:
            self[record.key]?.storage
        }
    }

    private func numberedRefusal(of header: RecordHeader, at now: WallTime) -> Refusal? {
        if verdicts.isRevoked(header.author) { return .revoked }
        if verdicts.voids(header.author, header.incarnation) { return .faulty }
        guard header.kind != .head else {
            #if GRAPEVINE_MUTANTS
            if Mutation.isActive(.noIncarnationBound) { return nil }
            #endif
            if header.incarnation >> 32 > now.seconds + 86_400 { return .future }
            return nil
        }
        guard let shelf = shelves[header.author], header.incarnation <= shelf.incarnation else {
            return .waiting
        }
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noIncarnationCheck), header.incarnation < shelf.incarnation {
            return nil
        }
        #endif
        if header.incarnation < shelf.incarnation { return .dead }
        if header.kind == .manifest {
            guard header.slot < UInt32(UInt16.max) else { return .slot }
            if header.slot < UInt32(shelf.chunkFloor) { return .dead }
            return shelf.admits(slot: header.slot * UInt32(SlotMap.slotsPerChunk)) ? nil : .slot
        }
        if shelf.kills(slot: header.slot) { return .dead }
        return shelf.admits(slot: header.slot) ? nil : .slot
    }

    private mutating func certificate(on shelf: AuthorShelf) -> Certificate.Content {
        if let last = lastCertificate, last.head === shelf.head.storage { return last.content }
        let content = shelf.content.certificate.content
        lastCertificate = (shelf.head.storage, content)
        return content
    }

    mutating func contentRefusal(of record: Record, _ body: RecordBody, at now: WallTime)
        -> Refusal?
    {
        switch body {
        case .head(let head):
            let content = head.certificate.content
            guard content.cluster == anchor.cluster, head.certificate.node == record.author else {
                return .certificate
            }
            if head.certificate.issuers.contains(where: isRevoked) { return .revoked }
            guard content.isValid(at: now) else { return .expired }
            let latest = record.header.time.milliseconds / 3_600_000 + 73
            #if GRAPEVINE_MUTANTS
            if Mutation.isActive(.noLeaseBound) { return nil }
            if Mutation.isActive(.takesPurgedBack), head.leaseEnd <= latest { return nil }
            #endif
            guard UInt64(head.leaseEnd) <= latest,
                !Self.isPurged(leaseEnd: head.leaseEnd, at: leaseTime ?? now)
            else { return .lease }
            return nil
        case .manifest, .cluster:
            return nil
        case .revocation(let revocation):
            return revocation.until < now.seconds ? .expired : nil
        case .fault(let proof):
            if proof.certificate.content.notAfter < now.seconds { return .expired }
            return verdicts.isEnough(against: proof.author, before: proof.incarnation)
                ? .known : nil
        case .declaration, .endpoints, .releases, .retractions:
            guard body.stamps.allSatisfy({ $0.isBelievable(at: now) }) else { return .future }
            guard let shelf = shelves[record.author] else { return .waiting }
            if let refusal = certificate(on: shelf).refusal(of: body) { return refusal }
            let below = shelf.held.partitioningIndex { $0.slot >= record.header.slot }
            #if GRAPEVINE_MUTANTS
            if Mutation.isActive(.noQuota) { return nil }
            #endif
            return below >= Int(shelf.maximumRecords) ? .quota : nil
        }
    }

    func signatureRefusal(
        of record: Record,
        _ body: RecordBody,
        _ check: SignatureCheck
    ) -> Refusal? {
        switch body {
        case .cluster, .revocation:
            let message = record.signedBytes(in: anchor.cluster)
            let isRoots = anchor.roots.contains {
                NodeID(of: $0) == record.author
                    && check.isValid(record.signature, of: message, by: $0)
            }
            return isRoots ? nil : .signature
        case .fault(let proof):
            return proof.isTrue(under: anchor, check: check) ? nil : .signature
        case .head(let head):
            #if GRAPEVINE_MUTANTS
            if Mutation.isActive(.noCertificateCheck) { return nil }
            #endif
            // A certificate that is on the shelf was checked when it came there.
            let isOnShelf = shelves[record.author]?.hasCertificate(of: record) == true
            guard isOnShelf || head.certificate.isSigned(byOneOf: anchor.roots, check: check)
            else { return .certificate }
            return isSigned(record, by: head.certificate.content.key, check) ? nil : .signature
        case .manifest, .declaration, .endpoints, .releases, .retractions:
            guard let key = shelves[record.author]?.key, isSigned(record, by: key, check) else {
                return .signature
            }
            return nil
        }
    }

    private func isSigned(_ record: Record, by key: VerifyingKey, _ check: SignatureCheck) -> Bool {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noSignatureCheck) { return true }
        #endif
        return check.isValid(record.signature, of: record.signedBytes(in: anchor.cluster), by: key)
    }

    /// Whether the root took a node's membership back.
    package func isRevoked(_ node: NodeID) -> Bool { verdicts.isRevoked(node) }

    /// Whether an author signed two things under one number so often that its key is void.
    package func isVoid(_ author: NodeID) -> Bool { verdicts.isDeadly(author) }

    /// Whether this start of an author is void.
    package func voids(_ author: NodeID, _ incarnation: UInt64) -> Bool {
        verdicts.voids(author, incarnation)
    }

    /// 14 days after the end of its lease an author is forgotten, by its own HEAD's word.
    static func isPurged(leaseEnd: UInt32, at now: WallTime) -> Bool {
        UInt64(now.hour) > UInt64(leaseEnd) + 336
    }
}

extension HybridTime {
    /// How far a time may lie ahead of the cluster's and be taken: an hour (registry design, section
    /// 2).
    package static let horizon = Duration.seconds(3600)

    /// Whether a record may say this: what lies further ahead is not taken before its time.
    package func isBelievable(at now: WallTime) -> Bool {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noFutureBound) { return true }
        #endif
        return milliseconds <= now.advanced(by: Self.horizon).milliseconds
    }
}

extension RecordBody {
    /// The times it speaks of by which competing authors are ordered, the greatest winning.
    ///
    /// They are bounded as the time of the record is. A claim of the future only loses.
    fileprivate var stamps: [HybridTime] {
        switch self {
        case .declaration(let declaration): [declaration.specStamp]
        case .retractions(let lines): lines.map(\.upTo)
        case .releases(let lines): lines.map(\.releasedAt)
        case .head, .manifest, .endpoints, .cluster, .revocation, .fault: []
        }
    }
}
