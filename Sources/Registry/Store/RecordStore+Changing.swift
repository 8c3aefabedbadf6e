package import Vocabulary

/// What follows from a record that is taken, and from the hour.
extension RecordStore {
    /// - Returns: What waited for this HEAD.
    @discardableResult
    mutating func insert(_ record: Record, _ body: RecordBody, at now: WallTime) -> [Record] {
        let author = record.author
        switch body {
        case .head(let head):
            return insert(head: record, head, at: now)
        case .manifest:
            place(record, on: author)
            sweep(author)
            endShadowIfComplete(of: author)
        case .declaration, .endpoints, .releases, .retractions:
            place(record, on: author)
            trim(author)
            endShadowIfComplete(of: author)
        case .cluster(let settings):
            if let old = self[record.key] { removed(old.storage) }
            setCluster(record.storage, settings)
            added(record.storage)
        case .revocation(let revocation):
            if let old = verdicts.revoke(revocation, by: record.storage) { removed(old) }
            added(record.storage)
            // Itself, or whoever let it in.
            let gone = authors.filter { author in
                isRevoked(author)
                    || shelves[author]?.content.certificate.issuers.contains(revocation.node)
                        == true
            }
            for author in gone { forget(author) }
        case .fault(let proof):
            for old in verdicts.convict(proof, by: record.storage) { removed(old) }
            added(record.storage)
            shadows.end(of: author)
            if let shelf = shelves[author], verdicts.voids(author, shelf.incarnation) {
                forget(author)
            }
            touched.append(author)
        }
        return []
    }

    private mutating func insert(
        head record: Record,
        _ head: Head,
        at now: WallTime
    ) -> [Record] {
        let author = record.author
        purgeDue = min(purgeDue, Self.purgeTime(head.leaseEnd, head.certificate.content.notAfter))
        if var shelf = shelves[author], shelf.incarnation == record.header.incarnation {
            let isRecertified = !shelf.hasCertificate(of: record)
            removed(shelf.head.storage)
            shelf.renew(head: record, head)
            shelves[author] = shelf
            added(record.storage)
            sweep(author)
            if isRecertified { sweepForbidden(author, by: head.certificate.content) }
            endShadowIfComplete(of: author)
        } else {
            if let previous = shelves[author] {
                removed(previous.head.storage)
                discardSlots(of: previous)
                // The farewell of a node takes down at once what it had.
                if head.hasLeft {
                    shadows.end(of: author)
                } else {
                    shadows.begin(previous, at: now)
                }
            } else {
                authors.insert(author, at: authors.partitioningIndex { $0 >= author })
            }
            shelves[author] = AuthorShelf(head: record, content: head)
            lastCertificate = (record.storage, head.certificate.content)
            added(record.storage)
            endShadowIfComplete(of: author)
        }
        share(author)
        return waiting.release(author, incarnation: record.header.incarnation)
    }

    private mutating func place(_ record: Record, on author: NodeID) {
        guard shelves[author] != nil else { return }
        let slot = record.header.slot
        let isManifest = record.header.kind == .manifest
        let old = shelves[author].flatMap { isManifest ? $0[chunk: slot] : $0[slot: slot] }
        if let old { removed(old) }
        // In its place, so that nothing of the shelf is copied.
        shelves[author]?.put(record.storage)
        added(record.storage)
        share(author)
    }

    /// Holds an author's shelf in common with other stores that hold the very same.
    private mutating func share(_ author: NodeID) {
        guard let sharing, let shelf = shelves[author] else { return }
        shelves[author] = sharing.shelf(shelf)
    }

    // MARK: Dropping

    /// Drops what the author's HEAD and manifests declare dead.
    private mutating func sweep(_ author: NodeID) {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noSweep) { return }
        #endif
        guard let shelf = shelves[author] else { return }
        drop(shelf.held.filter { shelf.kills(slot: $0.slot) }, of: author)
        drop(shelf.manifests.filter { $0.slot < UInt32(shelf.chunkFloor) }, of: author)
    }

    /// Of more records than an author may have, the first slots stay: so that it does not matter
    /// which of them came first.
    private mutating func trim(_ author: NodeID) {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noTrim) { return }
        #endif
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noQuota) { return }
        #endif
        guard let shelf = shelves[author], shelf.held.count > Int(shelf.maximumRecords) else {
            return
        }
        drop(Array(shelf.held.dropFirst(Int(shelf.maximumRecords))), of: author)
    }

    /// Drops what a new certificate of the author no longer allows: a store that saw the
    /// certificate first would not have taken it.
    private mutating func sweepForbidden(_ author: NodeID, by certificate: Certificate.Content) {
        guard let shelf = shelves[author] else { return }
        let forbidden = shelf.held.filter { certificate.refusal(of: Record($0).body) != nil }
        drop(forbidden, of: author)
        trim(author)
    }

    private mutating func drop(_ records: [RecordStorage], of author: NodeID) {
        guard !records.isEmpty, var shelf = shelves[author] else { return }
        shelves[author] = nil
        for record in records {
            shelf.take(record)
            removed(record)
        }
        shelves[author] = shelf
    }

    private mutating func discardSlots(of shelf: AuthorShelf) {
        for record in shelf.held + shelf.manifests { removed(record) }
    }

    /// Drops all that is here of an author.
    private mutating func forget(_ author: NodeID) {
        guard let shelf = shelves[author] else { return }
        removed(shelf.head.storage)
        discardSlots(of: shelf)
        shelves[author] = nil
        shadows.end(of: author)
        let place = authors.partitioningIndex { $0 >= author }
        if place < authors.endIndex, authors[place] == author { authors.remove(at: place) }
        touched.append(author)
    }

    /// Forgets the authors whose lease ran out two weeks ago or whose certificate ended (D1, D6),
    /// and the verdicts that no longer matter.
    ///
    /// - Returns: Whose records are forgotten, rising.
    package mutating func purge(at now: WallTime) -> [NodeID] {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.forgetsNobody) { return [] }
        #endif
        let time = leaseTime ?? now
        let gone = time < purgeDue ? [] : ended(at: time)
        for author in gone { forget(author) }
        for old in verdicts.drop(endedBefore: time) { removed(old) }
        return gone
    }

    /// The authors that are old enough to be forgotten; finds out when to look again.
    private mutating func ended(at time: WallTime) -> [NodeID] {
        var gone: [NodeID] = []
        purgeDue = WallTime(milliseconds: .max)
        for author in authors {
            guard let shelf = shelves[author] else { continue }
            if Self.isPurged(leaseEnd: shelf.leaseEnd, at: time)
                || shelf.certificateEnd < time.seconds
            {
                gone.append(author)
            } else {
                purgeDue = min(purgeDue, Self.purgeTime(shelf.leaseEnd, shelf.certificateEnd))
            }
        }
        return gone
    }

    /// When an author of this lease and this certificate is forgotten at the earliest.
    private static func purgeTime(_ leaseEnd: UInt32, _ certificateEnd: UInt64) -> WallTime {
        let lease = (UInt64(leaseEnd) + 337) * 3_600_000
        let second = min(certificateEnd, .max / 1000 - 1) + 1
        return WallTime(milliseconds: min(lease, second * 1000))
    }

    // MARK: Book-keeping

    private mutating func added(_ record: RecordStorage) {
        let (key, trieKey) = record.keyAndPlace
        let entry = DigestTrie.Entry(key: trieKey, version: record)
        if key.kind.isControl { control.insert(entry) } else { data.insert(entry) }
        census.add(key.kind)
        changed.append(key)
        generation += 1
    }

    private mutating func removed(_ record: RecordStorage) {
        let (key, trieKey) = record.keyAndPlace
        if key.kind.isControl {
            control.remove(trieKey, hash: record.hash)
        } else {
            data.remove(trieKey, hash: record.hash)
        }
        census.take(key.kind)
        changed.append(key)
        generation += 1
    }
}
