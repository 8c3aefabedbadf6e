import Testing
import Vocabulary

@testable import Simulation

/// Clocks drift, jump, swing and stop; the monotonic one never goes back.
struct MachineClockTests {
    private static func at(_ seconds: Int) -> Instant { .zero + .seconds(seconds) }

    private static func ahead(_ clock: MachineClock, _ seconds: Int) -> Int {
        let right = Authority.beginning.advanced(by: .seconds(seconds)).milliseconds
        return Int(clock.wall(at: at(seconds)).milliseconds) - Int(right)
    }

    @Test
    func `a clock of which nothing was said shows the world's time`() {
        let clock = MachineClock()
        #expect(clock.monotonic(at: Self.at(7)) == Self.at(7))
        #expect(clock.world(when: Self.at(7)) == Self.at(7))
        #expect(Self.ahead(clock, 7) == 0)
    }

    @Test
    func `a fast clock gains, and alarms come early by so much`() {
        var clock = MachineClock()
        clock.setDrift(500_000, at: Self.at(10))
        #expect(clock.monotonic(at: Self.at(20)) == Self.at(25))
        #expect(clock.world(when: Self.at(25)) == Self.at(20))
        #expect(Self.ahead(clock, 20) == 5000)
    }

    @Test(arguments: Seed.sweep(50))
    func `at the world's time of a moment the clock shows it or a later one`(seed: Seed) {
        var random = RandomStream(seed, "test")
        var clock = MachineClock()
        clock.setDrift(random.below(2000) - 1000, at: Self.at(random.below(100)))
        let moment = Instant(nanoseconds: Int64(200_000_000_000 + random.below(1_000_000_000)))
        let world = clock.world(when: moment)
        #expect(clock.monotonic(at: world) >= moment)
        #expect(clock.monotonic(at: world + .nanoseconds(-2)) < moment)
    }

    @Test
    func `a clock that stopped rings no alarm until it goes on`() {
        var clock = MachineClock()
        clock.setStopped(true, at: Self.at(10))
        #expect(clock.monotonic(at: Self.at(100)) == Self.at(10))
        #expect(clock.world(when: Self.at(11)) == .never)
        clock.setStopped(false, at: Self.at(100))
        #expect(clock.monotonic(at: Self.at(101)) == Self.at(11))
        #expect(Self.ahead(clock, 101) == -90_000)
    }

    @Test
    func `a wall clock is set, drifts and stops, and the monotonic one does not notice`() {
        var clock = MachineClock()
        clock.step(by: .seconds(-3600), at: Self.at(1))
        #expect(Self.ahead(clock, 2) == -3_600_000)
        clock.setCourse(.drifting(ppm: 1000), at: Self.at(10))
        #expect(Self.ahead(clock, 20) == -3_600_000 + 10)
        clock.setCourse(.stopped, at: Self.at(20))
        #expect(Self.ahead(clock, 25) == -3_600_000 + 10 - 5000)
        clock.setCourse(.steady, at: Self.at(30))
        #expect(Self.ahead(clock, 40) == -3_600_000 + 10 - 10_000)
        #expect(clock.monotonic(at: Self.at(40)) == Self.at(40))
    }

    @Test
    func `a strobing clock is right half of the time`() {
        var clock = MachineClock()
        clock.setCourse(.strobing(by: .seconds(60), period: .seconds(4)), at: Self.at(0))
        #expect([1, 3, 5, 7].map { Self.ahead(clock, $0) } == [0, 60_000, 0, 60_000])
        clock.setCourse(.steady, at: Self.at(7))
        #expect(Self.ahead(clock, 8) == 0)
    }

    @Test
    func `a swinging clock is ahead and behind in turn`() {
        var clock = MachineClock()
        clock.setCourse(.swinging(by: .seconds(10), period: .seconds(8)), at: Self.at(0))
        let found = (0...8).map { Self.ahead(clock, $0) / 1000 }
        #expect(found == [0, 5, 10, 5, 0, -5, -10, -5, 0])
    }
}
