import Membership
import Vocabulary

/// What probes told of the ways to others, since the start.
///
/// So many peers are counted by themselves, and those that come after them together: what is
/// counted may only rise, so nobody gives up a place for another before it is a member no more.
struct PeerMeters: Sendable {
    /// Of one peer, or of all that have no place.
    struct Meter: Hashable, Sendable {
        /// For each bound how many round trips were between it and the one before, and at last
        /// the rest.
        private(set) var roundTrips = [Int](repeating: 0, count: PeerMeters.bounds.count + 1)
        /// Of all round trips, in seconds.
        private(set) var roundTripSum = 0.0
        /// By `Measurement.Way`.
        private(set) var failures = [Int](repeating: 0, count: Measurement.Way.allCases.count)

        fileprivate mutating func note(roundTrip seconds: Double) {
            var place = 0
            while place < PeerMeters.bounds.count, seconds > PeerMeters.bounds[place] { place += 1 }
            roundTrips[place] += 1
            roundTripSum += seconds
        }

        fileprivate mutating func note(failure way: Measurement.Way) { failures[way.rawValue] += 1 }

        /// Counts two peers as one: they have one name.
        mutating func add(_ other: Meter) {
            for place in roundTrips.indices { roundTrips[place] += other.roundTrips[place] }
            for place in failures.indices { failures[place] += other.failures[place] }
            roundTripSum += other.roundTripSum
        }
    }

    /// Of the buckets of round trips, in seconds; later answers are none to a direct probe.
    static let bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5]

    private let limit: Int
    private(set) var byPeer: [NodeID: Meter] = [:]
    /// Of those that found no place; `nil` while all did.
    private(set) var others: Meter?

    init(limit: Int) { self.limit = limit }

    mutating func note(_ measurement: Measurement) {
        switch measurement {
        case .roundTrip(let peer, let nanoseconds):
            touch(peer) { $0.note(roundTrip: Double(nanoseconds) / 1e9) }
        case .probeFailed(let peer, let way):
            touch(peer) { $0.note(failure: way) }
        }
    }

    private mutating func touch(_ peer: NodeID, _ change: (inout Meter) -> Void) {
        if byPeer[peer] != nil || byPeer.count < limit {
            change(&byPeer[peer, default: Meter()])
        } else {
            var meter = others ?? Meter()
            change(&meter)
            others = meter
        }
    }

    /// Forgets all but these peers.
    mutating func keep(only peers: Set<NodeID>) {
        byPeer = byPeer.filter { peers.contains($0.key) }
    }
}
