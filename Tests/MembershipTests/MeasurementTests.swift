import Membership
import Testing
import Vocabulary

/// What a roster reports of the ways to others.
struct MeasurementTests {
    /// What was measured of node 1.
    private func measured(_ bench: Bench) -> [Measurement] {
        bench.measured.filter { measurement in
            switch measurement {
            case .roundTrip(let node, _), .probeFailed(let node, _): node == Bench.node(1)
            }
        }
    }

    @Test func `a direct answer is a round trip of its length`() throws {
        var bench = Bench(others: 3)
        let number = try bench.runToProbe(of: 1)
        bench.measured = []
        bench.now = bench.now + .milliseconds(7)
        bench.tell(.acknowledged(number, by: Bench.node(1)))
        bench.tell(.heard(Bench.node(1)))
        #expect(measured(bench) == [.roundTrip(Bench.node(1), nanoseconds: 7_000_000)])
    }

    @Test func `an answer that comes late is no round trip`() throws {
        var bench = Bench(others: 3)
        let number = try bench.runToProbe(of: 1)
        bench.run(.milliseconds(600), silent: [1])
        bench.tell(.acknowledged(number, by: Bench.node(1)))
        #expect(measured(bench) == [.probeFailed(Bench.node(1), .direct)])
    }

    @Test func `a probe that nobody answers fails on both ways, once each`() throws {
        var bench = Bench(others: 3)
        try bench.runToProbe(of: 1)
        bench.run(.milliseconds(1001), silent: [1])
        #expect(
            measured(bench) == [
                .probeFailed(Bench.node(1), .direct), .probeFailed(Bench.node(1), .indirect),
            ]
        )
    }

    @Test func `a refused connection is a failure where a probe was under way`() throws {
        var bench = Bench(others: 3)
        try bench.runToProbe(of: 1)
        bench.tell(.refused(Bench.node(1)))
        bench.tell(.refused(Bench.node(1)))
        #expect(measured(bench) == [.probeFailed(Bench.node(1), .direct)])
    }
}
