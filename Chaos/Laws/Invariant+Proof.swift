/// Where invariants are held beside the schedules, worlds and trials of this target.
extension Invariant {
    /// Tests by their sentences; `LawsTests` sees that there are such tests.
    package var tests: [String] {
        switch self {
        case .join: ["the join is commutative, associative and idempotent"]
        case .delivery:
            ["any order, any repetition and any replay end in what the authors left alive"]
        case .digests: ["digests are equal exactly when stores are"]
        case .bytes: ["a record is its golden bytes"]
        case .admission, .signatures:
            ["signature: every bit of a forged record costs one check and changes nothing"]
        case .numbering, .surpassing:
            ["a node restored from an old disk takes a new incarnation and forks nothing"]
        case .monotony:
            ["sequence and time of a pen rise with every record, whatever the clock does"]
        case .deletion: ["deleted stays deleted whatever is replayed"]
        case .continuity: ["a restart of all nodes at once loses nothing"]
        case .seals:
            [
                "a claim is sealed by enough different members beside its author",
                "a seal is worth nothing in another slot or for another service",
                "a sealed claim beats an older one without seals, where seals count",
            ]
        case .clocks: ["a minority of liars moves nothing"]
        case .leap:
            ["a leap of days ends no lease for ten minutes, and going back ends none at all"]
        case .reconcilability: ["entries whose keys fall together stand side by side"]
        case .cost:
            [
                "whatever waits, each frame fits a datagram, and a full one is no longer than 1,372 bytes"
            ]
        case .durability, .size, .slots, .watermark, .purge, .authority, .spec, .adoption,
            .ownership, .determinism, .promptness, .restraint, .stability, .reclaiming,
            .agreement, .candidates, .coolDown, .requests, .survival, .evidence, .conviction,
            .containment, .quota, .silence, .loss, .descent:
            []
        }
    }
}
