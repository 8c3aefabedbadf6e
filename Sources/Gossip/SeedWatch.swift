import Vocabulary

/// What became of the configured peers.
struct SeedWatch: Sendable {
    private struct Seed: Sendable {
        let since: Instant
        /// Whether anything authentic ever came from there.
        var isHeard = false
        var dialledAt: Instant?
        var refusedAt: Instant?
    }

    /// Where they are, rising.
    private(set) var addresses: [PeerAddress] = []
    private var seeds: [PeerAddress: Seed] = [:]

    /// Those at whose address nobody was reached when that was asked last, and what it follows from.
    private var silent: (source: Source, addresses: [PeerAddress])?

    /// What it follows from who is reached at which address.
    struct Source: Hashable, Sendable {
        let addresses: [PeerAddress]
        /// The generations of store and roster.
        let store: UInt64
        let roster: UInt64
        let isAlone: Bool
    }

    /// After so long a refusal would have come.
    private static let refusalTime = Duration.seconds(2)

    /// Takes the addresses that the names of the peers have now.
    mutating func configure(_ addresses: [PeerAddress], at now: Instant) {
        var kept: [PeerAddress: Seed] = [:]
        for address in addresses { kept[address] = seeds[address] ?? Seed(since: now) }
        seeds = kept
        self.addresses = addresses.sorted()
    }

    /// Those at whose address nobody is reached; `nil` where that must be found out anew.
    func silent(from source: Source) -> [PeerAddress]? {
        silent?.source == source ? silent?.addresses : nil
    }

    mutating func note(silent addresses: [PeerAddress], from source: Source) {
        silent = (source, addresses)
    }

    mutating func noteDial(_ address: PeerAddress, at now: Instant) {
        guard let seed = seeds[address] else { return }
        // A dial that was not refused tells of another state than the one before.
        if let refused = seed.refusedAt, let dialled = seed.dialledAt, refused < dialled,
            now >= dialled + Self.refusalTime
        {
            seeds[address]?.refusedAt = nil
        }
        seeds[address]?.dialledAt = now
    }

    mutating func noteRefusal(_ address: PeerAddress, at now: Instant) {
        seeds[address]?.refusedAt = now
    }

    /// Takes note that something authentic came from there.
    mutating func noteHeard(_ address: PeerAddress) {
        guard seeds[address] != nil else { return }
        seeds[address]?.isHeard = true
        seeds[address]?.refusedAt = nil
    }

    /// What is wrong with those at whose address no member that lives is reached: these.
    ///
    /// For `patience` after it was configured a peer may be silent.
    func troubles(
        of silent: [PeerAddress],
        at now: Instant,
        patience: Duration
    ) -> [Trouble] {
        var troubles: [Trouble] = []
        for address in silent {
            guard let seed = seeds[address] else { continue }
            if seed.refusedAt != nil {
                troubles.append(.seedRefused(address))
            } else if !seed.isHeard, now >= seed.since + patience {
                troubles.append(.seedSilent(address))
            }
        }
        return troubles
    }
}
