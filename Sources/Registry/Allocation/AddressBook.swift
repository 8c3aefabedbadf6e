import Sodium
package import Vocabulary

/// Who owns which address and port, as a pure function of the claims that count: equal claims
/// give equal books everywhere, whatever the order in which they came (registry design,
/// section 5.3).
package struct AddressBook: Sendable {
    /// One service's claims, sorted.
    private var holds: [ServiceID: [Hold]] = [:]
    private var places: [Resource: Place] = [:]
    /// The places that several services claim.
    private var contested: Set<Resource> = []

    /// Who claims one place.
    private struct Place: Hashable {
        var owner: ServiceID
        /// The others, rising; mostly nobody.
        var rivals: [ServiceID]
    }

    /// A claim, and the record it stands in: what its seals are bound to.
    package struct Hold: Hashable, Sendable {
        package let claim: Claim
        package let slot: RecordSlot

        package init(_ claim: Claim, in slot: RecordSlot) {
            self.claim = claim
            self.slot = slot
        }

        fileprivate static func precedes(_ left: Hold, _ right: Hold) -> Bool {
            if left.claim.resource != right.claim.resource {
                return left.claim.resource < right.claim.resource
            }
            return (left.claim.stamp, left.claim.portIndex, left.slot)
                < (right.claim.stamp, right.claim.portIndex, right.slot)
        }
    }

    /// What decides between two claims: least wins.
    package struct Rank: Comparable, Sendable {
        package let isUnsealed: Bool
        package let stamp: HybridTime
        let service: ServiceID

        package static func < (left: Rank, right: Rank) -> Bool {
            if left.isUnsealed != right.isUnsealed { return right.isUnsealed }
            #if GRAPEVINE_MUTANTS
            if Mutation.isActive(.youngerWins) {
                if left.stamp != right.stamp { return left.stamp > right.stamp }
            }
            #endif
            if left.stamp != right.stamp { return left.stamp < right.stamp }
            // Breaks ties between services without favour to low names.
            return left.service != right.service && left.lot < right.lot
        }

        private var lot: UInt128 { BLAKE2b.hash128(service.bytes) }
    }

    /// What a change of one service's claims meant for others.
    package struct Change: Sendable {
        /// The other services whose claims now stand differently, rising.
        package internal(set) var touched: [ServiceID] = []
        /// Places that nobody claims any more, rising.
        package internal(set) var vacated: [Resource] = []
    }

    package init() {}

    /// - Parameter declarations: In any order; two with the same content count as one.
    package init(_ declarations: [(service: ServiceID, claims: [Claim])]) {
        var all: [ServiceID: [Hold]] = [:]
        for (index, entry) in declarations.enumerated() {
            let slot = RecordSlot(author: NodeID(0), incarnation: 0, slot: UInt32(index))
            all[entry.service, default: []] += entry.claims.map { Hold($0, in: slot) }
        }
        for service in all.keys.sorted() { set(service, to: all[service] ?? []) }
    }

    /// Puts all claims of one service in the place of those it had.
    @discardableResult
    package mutating func set(
        _ service: ServiceID,
        to claims: [Hold],
        seals: SealJudge? = nil
    ) -> Change {
        let new = claims.sorted(by: Hold.precedes)
        let old = holds[service] ?? []
        guard new != old else { return Change() }
        holds[service] = new.isEmpty ? nil : new
        var change = Change()
        for resource in Self.resources(old, new) {
            let isClaimed = new.contains { $0.claim.resource == resource }
            settle(resource, claimedBy: service, isClaimed, seals, &change)
        }
        change.touched.sort()
        return change
    }

    /// Looks again at the places that several services claim: whose seals count changes with
    /// the membership.
    ///
    /// - Returns: The services whose claims now stand differently, rising.
    package mutating func reviewContests(_ seals: SealJudge) -> [ServiceID] {
        var change = Change()
        for resource in contested.sorted() {
            guard let place = places[resource] else { continue }
            settle(resource, claimedBy: place.owner, true, seals, &change)
        }
        return change.touched.sorted()
    }

    private mutating func settle(
        _ resource: Resource,
        claimedBy service: ServiceID,
        _ isClaimed: Bool,
        _ seals: SealJudge?,
        _ change: inout Change
    ) {
        let before = places[resource]
        var claimants = before.map { [$0.owner] + $0.rivals } ?? []
        if isClaimed {
            if !claimants.contains(service) { claimants.append(service) }
        } else {
            claimants.removeAll { $0 == service }
        }
        contested.remove(resource)
        guard !claimants.isEmpty else {
            places[resource] = nil
            if before != nil { change.vacated.append(resource) }
            return
        }
        let owner = claimants.count == 1 ? claimants[0] : winner(claimants, resource, seals)
        let rivals = claimants.filter { $0 != owner }.sorted()
        places[resource] = Place(owner: owner, rivals: rivals)
        if !rivals.isEmpty { contested.insert(resource) }
        guard before?.owner != owner else { return }
        for other in [owner] + rivals where !change.touched.contains(other) {
            change.touched.append(other)
        }
    }

    private func winner(
        _ claimants: [ServiceID],
        _ resource: Resource,
        _ seals: SealJudge?
    ) -> ServiceID {
        var best = claimants[0]
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.ownerKeeps) { return best }
        #endif
        for other in claimants.dropFirst() {
            guard let rival = rank(of: other, on: resource, seals) else { continue }
            if let rank = rank(of: best, on: resource, seals), rank <= rival { continue }
            best = other
        }
        return best
    }

    /// What a service's best claim on a place counts; `nil` where it claims none.
    package func rank(
        of service: ServiceID,
        on resource: Resource,
        _ seals: SealJudge? = nil
    ) -> Rank? {
        // Sorted by place, then by stamp: the first one is the oldest.
        guard let mine = holds[service], let start = firstIndex(of: resource, in: mine) else {
            return nil
        }
        let oldest = mine[start].claim.stamp
        guard let seals, seals.quorum > 0 else {
            return Rank(isUnsealed: true, stamp: oldest, service: service)
        }
        for hold in mine[start...].prefix(while: { $0.claim.resource == resource })
        where seals.isSealed(hold, for: service) {
            return Rank(isUnsealed: false, stamp: hold.claim.stamp, service: service)
        }
        return Rank(isUnsealed: true, stamp: oldest, service: service)
    }

    private func firstIndex(of resource: Resource, in sorted: [Hold]) -> Int? {
        let place = sorted.partitioningIndex { !($0.claim.resource < resource) }
        guard place < sorted.count, sorted[place].claim.resource == resource else { return nil }
        return place
    }

    private static func resources(_ old: [Hold], _ new: [Hold]) -> [Resource] {
        (old + new).map(\.claim.resource).sorted().reduce(into: []) { unique, resource in
            if unique.last != resource { unique.append(resource) }
        }
    }
}

// MARK: - Questions

extension AddressBook {
    /// Whose a place is; `nil` where nobody claims it.
    package func owner(of resource: Resource) -> ServiceID? { places[resource]?.owner }

    /// Whether another service holds a place: a loser's claim always stands beside an owner's,
    /// so the owner tells enough.
    package func isTaken(_ resource: Resource, from service: ServiceID) -> Bool {
        owner(of: resource).map { $0 != service } ?? false
    }

    /// Whether a service claims a place, be it in vain.
    package func claims(_ resource: Resource, for service: ServiceID) -> Bool {
        holds[service].map { firstIndex(of: resource, in: $0) != nil } ?? false
    }

    /// When a service's oldest claim on a place was made: what a further declarer of it repeats.
    package func stamp(of service: ServiceID, on resource: Resource) -> HybridTime? {
        rank(of: service, on: resource)?.stamp
    }

    /// A service's claims that no other service beats, each place and port once, best first.
    package func owned(by service: ServiceID, _ seals: SealJudge? = nil) -> [Claim] {
        claims(of: service, seals).filter { owner(of: $0.resource) == service }
    }

    /// A service's claims on what belongs to another service, best first.
    package func lost(by service: ServiceID) -> [Claim] {
        claims(of: service, nil).filter { owner(of: $0.resource) != service }
    }

    /// Several declarers of one service may claim one place: the oldest claim counts.
    private func claims(of service: ServiceID, _ seals: SealJudge?) -> [Claim] {
        var best: [Claim] = []
        for hold in holds[service] ?? [] {
            let claim = hold.claim
            let isThere = best.contains {
                $0.resource == claim.resource && $0.portIndex == claim.portIndex
            }
            if !isThere { best.append(claim) }
        }
        guard best.count > 1 else { return best }
        let ranked = best.map { claim in
            (claim: claim, isUnsealed: rank(of: service, on: claim.resource, seals)?.isUnsealed)
        }
        return ranked.sorted { left, right in
            if left.isUnsealed != right.isUnsealed { return right.isUnsealed == true }
            let (one, other) = (left.claim, right.claim)
            return (one.stamp, one.resource, one.portIndex)
                < (other.stamp, other.resource, other.portIndex)
        }.map(\.claim)
    }
}

/// Where an author's record stands.
package struct RecordSlot: Hashable, Comparable, Sendable {
    package let author: NodeID
    package let incarnation: UInt64
    package let slot: UInt32

    package init(author: NodeID, incarnation: UInt64, slot: UInt32) {
        self.author = author
        self.incarnation = incarnation
        self.slot = slot
    }

    package static func < (left: RecordSlot, right: RecordSlot) -> Bool {
        (left.author, left.incarnation, left.slot) < (right.author, right.incarnation, right.slot)
    }
}
