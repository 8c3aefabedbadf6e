/// What must hold of the registry, whatever happens (registry design, section 10).
///
/// `Invariant+Proof.swift` says where each one is held.
package enum Invariant: Int, CaseIterable, Sendable, Comparable {
    case join = 1
    case delivery, digests, bytes, admission, signatures, size
    case numbering, durability, surpassing, monotony, slots
    case watermark, deletion, purge, authority, continuity
    case spec, adoption
    case ownership, determinism, promptness, restraint, stability, seals, reclaiming
    case agreement, candidates, coolDown, requests, survival
    case clocks, leap
    case evidence, conviction, containment, quota, reconcilability
    case silence, cost, loss, descent

    package static func < (left: Invariant, right: Invariant) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The invariant as a sentence.
    package var sentence: String {
        switch self {
        case .join: "the join of stores is commutative, associative and idempotent"
        case .delivery: "order, repetition, loss and replay do not change where stores end"
        case .digests: "stores with equal digests are equal"
        case .bytes: "a stored record is its author's bytes, and its hash ignores the signature"
        case .admission: "a record is stored only if signature, certificate and rights allow it"
        case .signatures: "no store holds a record under a name whose key did not sign it"
        case .size: "a store is bounded, and holds nothing dead when all is quiet"
        case .numbering: "an honest author never uses a number twice in one incarnation"
        case .durability: "an incarnation is on disk before anything is signed with it"
        case .surpassing: "an author that hears a greater incarnation of itself surpasses it"
        case .monotony: "within one incarnation time, watermarks, floor and lease never fall"
        case .slots: "no slot means two different things within one incarnation"
        case .watermark: "a slot that a manifest or HEAD killed is never seen there again"
        case .deletion: "what its author deleted is shown nowhere, whatever is replayed"
        case .purge: "a purged author's records come back only with an unexpired lease"
        case .authority: "only its author, and the rules D1 to D6, remove a record"
        case .continuity: "a restart with unchanged wishes removes nothing from any view"
        case .spec: "the spec in force is byte for byte that of one declaration"
        case .adoption: "an adopted wish does not count while its origin's HEAD is unexpired"
        case .ownership: "a place has one owner, and a service one address in a family"
        case .determinism: "equal stores give equal tables"
        case .promptness: "a declaration gets its address at once and alone"
        case .restraint: "an honest author claims nothing that it sees claimed"
        case .stability: "a service keeps its address unless it loses a conflict"
        case .seals: "sealed beats unsealed, and nobody can backdate a seal"
        case .reclaiming: "when all is quiet no service waits while an address is free"
        case .agreement: "one service on two sides ends with one address; both answer meanwhile"
        case .candidates: "the candidate sequence meets every usable place once"
        case .coolDown: "a released address is left alone for a while"
        case .requests: "a request by number is served exactly or not at all"
        case .survival: "losing one of several declarers moves no service"
        case .clocks: "one wrong clock shifts nobody else's time"
        case .leap: "a jump of all clocks by ten days loses no service"
        case .evidence: "two halves of an equivocation meet and become a proof everywhere"
        case .conviction: "after a proof the incarnation is seen nowhere; an honest twin recovers"
        case .containment: "a bad author changes nothing of another's, and stays in its ranges"
        case .quota: "nobody owns more services than its certificate allows"
        case .reconcilability: "crafted records cannot make honest ones unreconcilable"
        case .silence: "when all is quiet, nothing is reconciled"
        case .cost: "a reconciliation costs in proportion to the difference"
        case .loss: "a lost, repeated or overtaken datagram only delays"
        case .descent: "a reconciliation takes nothing away but by the rules D1 to D6"
        }
    }
}

/// An invariant that did not hold.
package struct Breach: Sendable, CustomStringConvertible {
    package let invariant: Invariant
    package let words: String

    package init(_ invariant: Invariant, _ words: String) {
        self.invariant = invariant
        self.words = words
    }

    package var description: String {
        "invariant \(invariant.rawValue), \(invariant.sentence): \(words)"
    }
}
