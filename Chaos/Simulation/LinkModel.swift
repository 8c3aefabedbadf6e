import Vocabulary

/// How a network carries datagrams in one direction between two machines.
///
/// All shares are per million. A fabric of real processes may use the same model.
package struct LinkModel: Hashable, Sendable {
    /// What every datagram takes at least.
    package var latency = Duration.milliseconds(1)
    /// What chance adds, evenly drawn; so datagrams overtake each other.
    package var jitter = Duration.milliseconds(1)
    /// What a few take more.
    package var tail = Tail()
    package var loss = Loss.none
    /// Datagrams that come twice, in a million.
    package var duplicates = 0
    /// The second of two copies comes at most so much later, besides its own jitter.
    package var duplicateDelay = Duration.zero
    /// Copies with one bit flipped, or with their end missing, in a million.
    package var corruption = 0
    /// The longest datagram that passes, in bytes of UDP payload; `nil` where all do.
    package var mtu: Int?
    /// Bytes a second; `nil` where it is endless.
    package var bandwidth: Int?
    /// How many bytes wait for the bandwidth at most; what comes on top is dropped.
    package var queue = 262_144

    /// A few datagrams that take much longer.
    package struct Tail: Hashable, Sendable {
        package var perMillion: Int
        package var adds: Duration

        package init(perMillion: Int = 0, adds: Duration = .zero) {
            self.perMillion = perMillion
            self.adds = adds
        }
    }

    /// Which datagrams are lost.
    package enum Loss: Hashable, Sendable {
        case none
        /// Each with the same chance.
        case even(perMillion: Int)
        /// The link is good or bad, may change between two datagrams, and loses by what it is
        /// (Gilbert 1960, Elliott 1963). It begins good.
        case burst(toBad: Int, toGood: Int, lossInGood: Int, lossInBad: Int)
    }

    package init(
        latency: Duration = .milliseconds(1),
        jitter: Duration = .milliseconds(1),
        lossPerMille: Int = 0,
        duplicatesPerMille: Int = 0
    ) {
        self.latency = latency
        self.jitter = jitter
        self.lossPerMille = lossPerMille
        self.duplicatesPerMille = duplicatesPerMille
    }

    /// Datagrams lost evenly, in a thousand; 0 where they are lost in bursts.
    package var lossPerMille: Int {
        get {
            guard case .even(let share) = loss else { return 0 }
            return share / 1000
        }
        set { loss = newValue == 0 ? .none : .even(perMillion: newValue * 1000) }
    }

    /// Datagrams that come twice, in a thousand.
    package var duplicatesPerMille: Int {
        get { duplicates / 1000 }
        set { duplicates = newValue * 1000 }
    }
}

extension Duration {
    /// What a datagram takes one way between places so far apart: half of 4 ms and of 1 ms for
    /// each 75 km, as measured between regions of large providers.
    package static func latency(acrossKilometres distance: Int) -> Duration {
        .microseconds(2000 + distance * 1_000_000 / 150_000)
    }
}
