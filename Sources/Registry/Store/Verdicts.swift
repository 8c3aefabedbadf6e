import Vocabulary

/// What speaks against authors for as long as it matters: revocations by the root, and proofs of
/// faults (registry design, section 8).
struct Verdicts: Sendable {
    private var revocations: [NodeID: (record: RecordStorage, until: UInt64)] = [:]
    /// By rising incarnation, at most three of an author.
    private var proofs: [NodeID: [Proof]] = [:]

    private struct Proof: Sendable {
        let incarnation: UInt64
        let record: RecordStorage
        /// The end of the certificate in it, in seconds since 1970.
        let until: UInt64
    }

    /// So many faults are no accident: then the key itself is dead.
    static let deadlyFaults = 3

    // MARK: Revocations

    func isRevoked(_ node: NodeID) -> Bool {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.ignoresRevocations) { return false }
        #endif
        return revocations[node] != nil
    }

    func revocation(of node: NodeID) -> RecordStorage? { revocations[node]?.record }

    /// - Returns: The revocation of this node that was here before.
    mutating func revoke(_ revocation: Revocation, by record: RecordStorage) -> RecordStorage? {
        let old = revocations.updateValue((record, revocation.until), forKey: revocation.node)
        return old?.record
    }

    // MARK: Faults

    /// Whether everything of this start of an author is void.
    func voids(_ author: NodeID, _ incarnation: UInt64) -> Bool {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.ignoresFaults) { return false }
        #endif
        guard let known = proofs[author], let last = known.last else { return false }
        return incarnation <= last.incarnation || known.count >= Self.deadlyFaults
    }

    /// Whether an author is void for good.
    func isDeadly(_ author: NodeID) -> Bool {
        (proofs[author]?.count ?? 0) >= Self.deadlyFaults
    }

    /// Whether one more proof would change nothing: three earlier ones are here.
    func isEnough(against author: NodeID, before incarnation: UInt64) -> Bool {
        guard let known = proofs[author], known.count >= Self.deadlyFaults,
            let last = known.last
        else { return false }
        return incarnation > last.incarnation
    }

    func proof(against author: NodeID, _ incarnation: UInt64) -> RecordStorage? {
        proofs[author]?.first { $0.incarnation == incarnation }?.record
    }

    /// - Returns: The proofs that have to go: another one of that incarnation, and a fourth.
    mutating func convict(_ proof: FaultProof, by record: RecordStorage) -> [RecordStorage] {
        var known = proofs[proof.author] ?? []
        var gone = known.filter { $0.incarnation == proof.incarnation }
        known.removeAll { $0.incarnation == proof.incarnation }
        known.insert(
            Proof(
                incarnation: proof.incarnation,
                record: record,
                until: proof.certificate.content.notAfter
            ),
            at: known.partitioningIndex { $0.incarnation > proof.incarnation }
        )
        if known.count > Self.deadlyFaults { gone.append(known.removeLast()) }
        proofs[proof.author] = known
        return gone.map(\.record)
    }

    // MARK: The end

    /// Drops what speaks of certificates that have ended by themselves.
    ///
    /// - Returns: What is dropped.
    mutating func drop(endedBefore now: WallTime) -> [RecordStorage] {
        var gone: [RecordStorage] = []
        for node in revocations.keys.sorted() {
            guard let entry = revocations[node], entry.until < now.seconds else { continue }
            gone.append(entry.record)
            revocations[node] = nil
        }
        for author in proofs.keys.sorted() {
            let known = proofs[author] ?? []
            let kept = known.filter { $0.until >= now.seconds }
            guard kept.count < known.count else { continue }
            gone += known.filter { $0.until < now.seconds }.map(\.record)
            proofs[author] = kept.isEmpty ? nil : kept
        }
        return gone
    }
}
