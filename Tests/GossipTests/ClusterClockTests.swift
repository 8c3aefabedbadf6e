import Testing
import Vocabulary

@testable import Gossip

/// What time it is, among clocks that lie (registry design, sections 2 and 3.6).
struct ClusterClockTests {
    private let noon = WallTime(milliseconds: 1_767_225_600_000)
    private let start = Instant(nanoseconds: 5_000_000_000)

    private func clock() -> ClusterClock {
        var clock = ClusterClock()
        _ = clock.set(noon, at: start)
        return clock
    }

    /// A clock that heard peers whose clocks are ahead by so many seconds.
    private func clock(hearing seconds: [Int]) -> ClusterClock {
        var clock = clock()
        for (index, ahead) in seconds.enumerated() {
            let sent = noon.advanced(by: .seconds(ahead))
            clock.hear(sent, of: NodeID(UInt128(index + 1)), at: start)
        }
        clock.adjust(at: start)
        return clock
    }

    @Test func `fewer than five clocks count no more than this one`() {
        #expect(clock(hearing: [100, 100, 100]).cluster(at: start) == noon)
    }

    // Invariant 32.
    @Test func `a minority of liars moves nothing`() {
        let lies = clock(hearing: [0, 0, 864_000, 864_000])
        #expect(lies.cluster(at: start) == noon)
        let own = clock(hearing: [3600, 3600, 3600, 3600])
        #expect(own.cluster(at: start) == noon.advanced(by: .seconds(3600)))
        #expect(own.local(at: start) == noon)
    }

    @Test func `of an even number the two in the middle count by half`() {
        #expect(
            clock(hearing: [2, 4, 6, 8, 8]).cluster(at: start) == noon.advanced(by: .seconds(5))
        )
    }

    @Test func `a clock that was not heard for a minute is forgotten`() {
        var clock = clock(hearing: [9, 9, 9, 9])
        clock.adjust(at: start + .seconds(60))
        #expect(clock.cluster(at: start) == noon)
    }

    @Test func `a clock that leaps by a year alone moves nothing, and going back neither`() {
        var clock = clock(hearing: [0, 0, 0, 0])
        for days in [365, -365, 0] {
            let jumped = clock.set(noon.advanced(by: .seconds(days * 86_400)), at: start)
            #expect(jumped)
            #expect(clock.cluster(at: start) == noon)
        }
    }

    @Test func `liars at the end of all times are counted without a trap`() {
        var clock = clock()
        let end = WallTime(milliseconds: .max)
        for number in 1...5 { clock.hear(end, of: NodeID(UInt128(number)), at: start) }
        clock.adjust(at: start)
        let jumped = clock.set(WallTime(milliseconds: 0), at: start)
        #expect(jumped)
        #expect(clock.local(at: start) == WallTime(milliseconds: 0))
    }

    @Test func `a clock that is set by more than five seconds has jumped`() {
        var clock = clock()
        let later = start + .seconds(10)
        let jumps = [15_000, 20_002, 0].map {
            clock.set(noon.advanced(by: .milliseconds($0)), at: later)
        }
        #expect(jumps == [false, true, true])
    }

    @Test(arguments: Seed.sweep(40))
    func `the middle is that of all clocks sorted anew, whatever comes and goes`(seed: Seed) {
        var random = RandomStream(seed, "clocks")
        var clock = clock()
        var heard: [NodeID: (ahead: Int64, at: Instant)] = [:]
        var now = start
        // Few values, so that many are equal, or many; and few peers or some dozens.
        let (spread, peers) = ([3, 50, 100_000][random.below(3)], [4, 7, 30][random.below(3)])
        for _ in 0..<400 {
            now = now + .milliseconds(random.below(3000))
            switch random.below(8) {
            case 0:
                let peer = NodeID(UInt128(random.below(peers)))
                clock.forget(peer)
                heard[peer] = nil
            case 1:
                // This machine's own clock is set: all others stand otherwise to it.
                let change = random.below(2 * spread) - spread
                _ = clock.set(clock.local(at: now).advanced(by: .milliseconds(change)), at: now)
                for peer in heard.keys.sorted() { heard[peer]?.ahead -= Int64(change) }
            default:
                let peer = NodeID(UInt128(random.below(peers)))
                let ahead = random.below(2 * spread) - spread
                let sent = clock.local(at: now).advanced(by: .milliseconds(ahead))
                clock.hear(sent, of: peer, at: now)
                heard[peer] = (Int64(ahead), now)
            }
            clock.adjust(at: now)
            let present = now
            heard = heard.filter { present < $0.value.at + .seconds(60) }
            let sorted = ([0] + heard.values.map(\.ahead)).sorted()
            let (lower, upper) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
            #expect(clock.middleAhead == lower / 2 + upper / 2)
            let correction =
                sorted.count < ClusterClock.quorum
                ? 0 : sorted.count % 2 == 1 ? upper : lower / 2 + upper / 2
            let expected = clock.local(at: now).advanced(by: .milliseconds(correction))
            #expect(clock.cluster(at: now) == expected)
        }
    }

    // MARK: Leases

    /// Lets time go on, second by second, in contact with peers or not.
    private func run(
        _ clock: inout ClusterClock,
        from first: Int,
        to last: Int,
        isInTouch: Bool
    ) {
        for second in first..<last {
            let now = start + .seconds(second)
            if isInTouch { clock.agreeOnHour(at: now) }
            clock.tendLeases(at: now)
        }
    }

    @Test func `in contact, leases run with the clock`() {
        var clock = clock()
        run(&clock, from: 0, to: 8000, isInTouch: true)
        #expect(clock.leases.time == noon.advanced(by: .seconds(7999)))
    }

    @Test func `who is alone lets no lease end`() {
        var clock = clock()
        run(&clock, from: 0, to: 8000, isInTouch: false)
        #expect(clock.leases.time == noon)
    }

    @Test func `after a time alone, peers must agree for ten minutes`() {
        var clock = clock()
        run(&clock, from: 0, to: 8000, isInTouch: false)
        run(&clock, from: 8000, to: 8600, isInTouch: true)
        #expect(clock.leases.time == noon)
        run(&clock, from: 8600, to: 8601, isInTouch: true)
        #expect(clock.leases.time == noon.advanced(by: .seconds(8600)))
    }

    // Invariant 33.
    @Test func `a leap of days ends no lease for ten minutes, and going back ends none at all`() {
        var clock = clock()
        run(&clock, from: 0, to: 100, isInTouch: true)
        let days = Duration.seconds(10 * 86_400)
        _ = clock.set(
            noon.advanced(by: .seconds(100)).advanced(by: days),
            at: start + .seconds(100)
        )
        run(&clock, from: 100, to: 600, isInTouch: true)
        #expect(clock.leases.time == noon.advanced(by: .seconds(99)))
        run(&clock, from: 600, to: 701, isInTouch: true)
        #expect(clock.leases.time > noon.advanced(by: days))
        _ = clock.set(noon, at: start + .seconds(701))
        run(&clock, from: 701, to: 702, isInTouch: false)
        #expect(clock.leases.time == noon)
    }
}
