/// What a member gone bad does, besides behaving as a member: it answers probes, refutes what is
/// said against it, and keeps its lease.
package struct EvilMind: Hashable, Sendable {
    package let mischiefs: [Mischief]
    /// Whom it bothers with each deed: so many drawn members.
    package let reach: Int
    /// The machine whose key it holds too; `nil` where it holds its own only.
    package let stolenKey: Int?

    /// A mind with some mischiefs, in one order whatever theirs.
    package init(_ mischiefs: [Mischief], reach: Int = 3, stolenKey: Int? = nil) {
        self.mischiefs = Mischief.allCases.filter(mischiefs.contains)
        self.reach = reach
        self.stolenKey = stolenKey
    }
}

/// One way to be bad; the raw values are what scenarios name.
package enum Mischief: String, Hashable, Sendable, CaseIterable {
    /// Records in the name of others, under its own signature.
    case forgedRecords = "forged-records"
    /// The farewell of others, under its own signature.
    case forgedLeaves = "forged-leaves"
    /// Words against members in the name of others.
    case forgedAccusations = "forged-accusations"
    /// Words of its own against members, in versions that they never had, without end.
    case accusationSpam = "accusation-spam"
    /// A word of its own against everybody's newest version.
    case loneAccuser = "lone-accuser"
    /// Two records under one number, to different members.
    case equivocation
    /// A HEAD with a number near the end of all numbers.
    case versionBomb = "version-bomb"
    /// Records from ten years ahead.
    case timeBomb = "time-bomb"
    /// A manifest that lights again what an earlier one put out.
    case litBits = "lit-bits"
    /// Claims on as many addresses as fit, dated back.
    case hoardedClaims = "hoarded-claims"
    /// Whatever it heard, again and again: datagrams and records.
    case replay
    /// Records in ever more slots that no manifest speaks of.
    case provisionalSlots = "provisional-slots"
    /// Greetings that ask for an answer, many a second.
    case helloFlood = "hello-flood"
    /// Bytes that are no frames under a good seal.
    case garbage
    /// It never answers for whom it is asked to probe.
    case silentRelay = "silent-relay"
    /// It says of everyone that they live.
    case lyingRelay = "lying-relay"
    /// It shows the first digest it ever heard as its own.
    case staleDigest = "stale-digest"
}
