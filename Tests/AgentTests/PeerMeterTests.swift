import Testing
import Vocabulary

@testable import Agent
@testable import Membership

/// What is counted of each peer, and how many of them are told apart.
struct PeerMeterTests {
    private func node(_ number: Int) -> NodeID { NodeID(UInt128(number)) }

    private func trip(_ peer: Int, _ microseconds: Int64) -> Measurement {
        .roundTrip(node(peer), nanoseconds: microseconds * 1_000)
    }

    @Test func `a round trip falls into the first bucket that holds it`() {
        var meters = PeerMeters(limit: 4)
        for microseconds: Int64 in [400, 500, 501, 900_000] { meters.note(trip(1, microseconds)) }
        let meter = meters.byPeer[node(1)]
        #expect(meter?.roundTrips.first == 2)
        #expect(meter?.roundTrips[1] == 1)
        #expect(meter?.roundTrips.last == 1)
        #expect(abs((meter?.roundTripSum ?? 0) - 0.901401) < 1e-9)
        #expect(meter?.failures == [0, 0])
    }

    @Test func `failures are told apart by their way`() {
        var meters = PeerMeters(limit: 4)
        meters.note(.probeFailed(node(1), .direct))
        meters.note(.probeFailed(node(1), .direct))
        meters.note(.probeFailed(node(1), .indirect))
        #expect(meters.byPeer[node(1)]?.failures == [2, 1])
    }

    @Test func `of more peers than have a place the later ones are counted together`() {
        var meters = PeerMeters(limit: 2)
        for peer in 1...5 { meters.note(trip(peer, 100)) }
        meters.note(.probeFailed(node(5), .direct))
        #expect(meters.byPeer.keys.sorted() == [node(1), node(2)])
        #expect(meters.others?.roundTrips.first == 3)
        #expect(meters.others?.failures == [1, 0])
    }

    @Test func `a place is free when its peer is a member no more`() {
        var meters = PeerMeters(limit: 2)
        for peer in 1...3 { meters.note(trip(peer, 100)) }
        meters.keep(only: [node(2), node(3)])
        meters.note(trip(3, 100))
        #expect(meters.byPeer.keys.sorted() == [node(2), node(3)])
        // What was counted together stays: a count only rises.
        #expect(meters.others?.roundTrips.first == 1)
    }

    @Test func `peers of one name are one series`() {
        var meters = PeerMeters(limit: 2)
        meters.note(trip(1, 100))
        meters.note(trip(2, 700))
        meters.note(.probeFailed(node(2), .indirect))
        var both = PeerMeters.Meter()
        for meter in meters.byPeer.values { both.add(meter) }
        #expect(both.roundTrips.reduce(0, +) == 2)
        #expect(both.failures == [0, 1])
    }

    @Test func `a distribution that others count is a histogram for each set of labels`() {
        let metrics = TextMetrics()
        var counts = [Int](repeating: 0, count: PeerMeters.bounds.count + 1)
        counts[1] = 2
        metrics.replace(
            .peerRoundTrip,
            withDistributions: [["n"]: Series.Distribution(counts: counts, sum: 0.0015)]
        )
        let name = "grapevine_peer_rtt_seconds"
        #expect(metrics.text.contains("# TYPE \(name) histogram\n"))
        #expect(metrics.text.contains("\(name)_bucket{peer=\"n\",le=\"0.0005\"} 0\n"))
        #expect(metrics.text.contains("\(name)_bucket{peer=\"n\",le=\"0.001\"} 2\n"))
        #expect(metrics.text.contains("\(name)_sum{peer=\"n\"} 0.0015\n"))
    }
}
