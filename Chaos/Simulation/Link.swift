import Vocabulary

/// How a network carries datagrams in one direction between two machines.
package struct LinkModel: Hashable, Sendable {
    /// What every datagram takes at least.
    package var latency = Duration.milliseconds(1)
    /// What chance adds, evenly drawn; so datagrams overtake each other.
    package var jitter = Duration.milliseconds(1)
    /// Datagrams lost, in a thousand.
    package var lossPerMille = 0
    /// Datagrams that come twice, in a thousand.
    package var duplicatesPerMille = 0

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
}

/// One direction between two machines, with its own chance.
struct Link: Sendable {
    private var random: RandomStream

    init(_ seed: Seed, from: Int, to: Int) {
        random = RandomStream(seed, "link", UInt64(from), UInt64(to))
    }

    /// How long each copy of the next datagram takes; none where it is lost.
    ///
    /// It draws as often for every datagram, so that a link without loss carries the others
    /// just as one with loss does.
    mutating func carry(_ model: LinkModel) -> [Duration] {
        let isLost = random.chance(model.lossPerMille, in: 1000)
        let isTwofold = random.chance(model.duplicatesPerMille, in: 1000)
        let delays = (0..<2).map { _ in
            model.latency + random.duration(below: model.jitter)
        }
        return isLost ? [] : Array(delays.prefix(isTwofold ? 2 : 1))
    }

    struct ID: Hashable, Sendable {
        let from: Int
        let to: Int
    }
}
