#if GRAPEVINE_MUTANTS
/// A mistake that the code makes on purpose, so that it can be seen whether anything notices.
///
/// No agent is ever built with these: `make mutants` defines the condition, and has each one
/// caught by an invariant.
package enum Mutation: String, CaseIterable, Sendable {
    // The store.
    case noManifestCheck, noFloorCheck, noIncarnationCheck, noSweep, noTrim
    case noSignatureCheck, noCertificateCheck, noNamespaceCheck, noAddressCheck
    case noFutureBound, noIncarnationBound, noLeaseBound, noLeaseEnd, noQuota
    case keepsMineOnTies, ignoresFaults, ignoresRevocations, seesNoEquivocation
    case refusesProvisionalSlots, dropsWhatWaits, forgetsNobody, takesPurgedBack
    case showsNoShadow, digestIgnoresVersions
    // The pen.
    case noChanceInIncarnations, reusesNumbers, reusesSlots, closesNoSlot
    // Places.
    case youngerWins, ownerKeeps, claimsWhatIsTaken, looksBeyondRequests, noCoolDown
    // Services.
    case mixesSpecs, countsCopiesEarly, ignoresRetractions
    // The node.
    case noSelfBump, signsBeforeSecured, forgetsWishes, dropsAliasAtOnce, tellsNoRelease
    case reconcilesNothing

    /// The one that is made; set once, before anything runs.
    package nonisolated(unsafe) static var active: Mutation?

    /// Whether this mistake is the one that is made now.
    package static func isActive(_ mutation: Mutation) -> Bool { active == mutation }
}
#endif
