import Sodium
package import Vocabulary

/// Which declarations count, and what they come to (registry design, section 4).
extension ServiceIndex {
    /// A declaration that counts, and whose it is.
    package typealias Wish = (author: NodeID, declaration: Declaration)

    /// All declarations of a service that count, by author, rising.
    package func wishes(for service: ServiceID) -> [Wish] {
        counting(entries[service]).map { ($0.author, $0.declaration) }
    }

    /// Copies of others' wishes for a service, whether they count now or wait; by author, rising.
    package func copies(for service: ServiceID) -> [Wish] {
        guard let entry = entries[service] else { return [] }
        return entry.declarations.filter {
            $0.declaration.adoptedFrom != nil && isInForce($0, entry)
        }.map { ($0.author, $0.declaration) }
    }

    /// Whether an author may still speak for itself, so that copies of its wishes wait.
    package func remembers(_ author: NodeID) -> Bool { shares[author]?.isRemembered == true }

    /// Whether anybody asked to delete any service for everybody.
    package var hasRetractions: Bool { !retracted.isEmpty }

    /// Up to which age wishes for a service are deleted for everybody; `nil` where none are.
    package func retraction(of name: ServiceName) -> HybridTime? {
        entries[ServiceID(of: name, in: cluster)].flatMap {
            retraction(in: $0, namespace: name.namespace)
        }
    }

    /// The declaration whose spec is in force: the whole spec of the greatest (revision, stamp,
    /// hash).
    ///
    /// A stamp from the future waits until its time has come, unless there is no other.
    package func winner(for service: ServiceID, at now: WallTime) -> Declaration? {
        Self.winner(among: counting(entries[service]), at: now)
    }

    /// The name behind the id of a service that somebody declares.
    package func name(of service: ServiceID) -> ServiceName? {
        entries[service]?.declarations.first?.declaration.service
    }

    func counting(_ entry: ServiceEntry?) -> [Declared] {
        guard let entry else { return [] }
        return entry.declarations.filter { isInForce($0, entry) && !isAsleep($0) }
    }

    /// Whether a declaration would count if all were awake: its author may have it, and nobody
    /// retracted it.
    func isInForce(_ declared: Declared, _ entry: ServiceEntry) -> Bool {
        let namespace = declared.declaration.service.namespace
        guard let share = shares[declared.author],
            share.certificate?.allows(namespace: namespace) == true,
            !share.excess.contains(sorted: declared.slot.slot)
        else { return false }
        guard let upTo = retraction(in: entry, namespace: namespace) else { return true }
        return declared.declaration.specStamp > upTo
    }

    /// The latest word of an administrator whose certificate covers the namespace.
    private func retraction(in entry: ServiceEntry, namespace: String) -> HybridTime? {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.ignoresRetractions) { return nil }
        #endif
        return entry.retractions.filter { retracted in
            let certificate = shares[retracted.slot.author]?.certificate
            return certificate?.isAdmin == true && certificate?.allows(namespace: namespace) == true
        }.map(\.upTo).max()
    }

    /// Whether a declaration waits: its author's lease ended, or it is the copy of a wish whose
    /// author may still speak for itself.
    func isAsleep(_ declared: Declared) -> Bool {
        guard shares[declared.author]?.isShown == true else { return true }
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.countsCopiesEarly) { return false }
        #endif
        guard let origin = declared.declaration.adoptedFrom else { return false }
        return shares[origin]?.isRemembered == true
    }

    /// How far a stamp may be ahead and be in force: clocks differ.
    static let patience: UInt64 = 2000

    static func winner(among wishes: [Declared], at now: WallTime) -> Declaration? {
        let horizon = now.milliseconds + patience
        let due = wishes.filter { $0.declaration.specStamp.milliseconds <= horizon }
        var best: Declaration?
        for wish in due.isEmpty ? wishes : due {
            if let present = best, !wish.declaration.beats(present) { continue }
            best = wish.declaration
        }
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.mixesSpecs) {
            best?.spec.type =
                wishes.map(\.declaration.spec.type.rawValue).max() == 1 ? .nodePort : .clusterIP
        }
        #endif
        return best
    }
}

extension Declaration {
    /// Whether this spec is in force where both are declared.
    fileprivate func beats(_ other: Declaration) -> Bool {
        if (revision, specStamp) != (other.revision, other.specStamp) {
            return (revision, specStamp) > (other.revision, other.specStamp)
        }
        // Mostly the same spec, which then needs no hash.
        guard spec != other.spec else { return false }
        return BLAKE2b.hash256(spec.encoded) > BLAKE2b.hash256(other.spec.encoded)
    }
}
