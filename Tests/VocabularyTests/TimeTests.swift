import Testing
import Vocabulary

/// Moments, durations and clocks at and beyond their ends.
struct TimeTests {
    static let ends = [
        Int64.min, .min + 1, -1_000_000_000, -1, 0, 1, 1_000_000_000, .max - 1, .max,
    ]

    @Test(arguments: ends, ends)
    func `moments are added and subtracted as exactly as they can be, and never trap`(
        left: Int64,
        right: Int64
    ) {
        func clamped(_ sum: Int128) -> Int64 { Int64(clamping: sum) }
        let moment = Instant(nanoseconds: left)
        #expect(
            (moment + .nanoseconds(right)).nanoseconds == clamped(Int128(left) + Int128(right))
        )
        #expect(
            (moment - Instant(nanoseconds: right)).nanoseconds
                == clamped(Int128(left) - Int128(right))
        )
    }

    @Test
    func `never stays never, and is later than everything`() {
        #expect(Instant.never + .seconds(1) == .never)
        #expect(Instant.never + .seconds(Int64.max) == .never)
        #expect(Instant.zero + .seconds(Int64.max) == .never)
        #expect(Instant(nanoseconds: .max - 1) < .never)
    }

    @Test(
        arguments: [
            (0, "0.000s"), (1_000_000, "0.001s"), (61_023_999_999, "61.023s"),
            (-1_500_000_000, "-1.500s"), (-1_000_000, "-0.001s"),
        ] as [(Int64, String)]
    )
    func `a moment is printed in seconds and milliseconds, before zero too`(
        nanoseconds: Int64,
        text: String
    ) {
        #expect(Instant(nanoseconds: nanoseconds).description == text)
    }

    @Test(arguments: ends)
    func `any moment can be printed`(nanoseconds: Int64) {
        #expect(Instant(nanoseconds: nanoseconds).description.hasSuffix("s"))
    }

    @Test
    func `a duration in nanoseconds saturates`() {
        #expect(Duration.seconds(1).nanoseconds == 1_000_000_000)
        #expect(Duration.milliseconds(-1500).nanoseconds == -1_500_000_000)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect((Duration.nanoseconds(Int64.max) + .nanoseconds(1)).nanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) - .nanoseconds(1)).nanoseconds == .min)
        #expect(Duration.nanoseconds(1_999_999).wholeMilliseconds == 1)
    }

    @Test
    func `a wall clock advances both ways, within its ends`() {
        let noon = WallTime(milliseconds: 1_000_000)
        #expect(noon.advanced(by: .seconds(1)).milliseconds == 1_001_000)
        #expect(noon.advanced(by: .seconds(-1)).milliseconds == 999_000)
        #expect(noon.advanced(by: .seconds(-10_000)).milliseconds == 0)
        #expect(noon.advanced(by: .seconds(Int64.min)).milliseconds == 0)
        #expect(WallTime(milliseconds: .max).advanced(by: .seconds(1)).milliseconds == .max)
        #expect(WallTime(milliseconds: 7_200_000).hour == 2)
        #expect(WallTime(milliseconds: 1999).seconds == 1)
    }

    @Test(arguments: Seed.sweep(200))
    func `hybrid time rises with each event, whatever the wall clock does`(seed: Seed) {
        var random = RandomStream(seed, "clock")
        var time = HybridTime.zero
        var wall = WallTime(milliseconds: UInt64(random.below(1 << 40)))
        for _ in 0..<50 {
            let next = time.next(at: wall)
            #expect(next > time)
            #expect(next >= HybridTime(wall))
            #expect(next == HybridTime(wall) || next.raw == time.raw + 1)
            time = next
            wall = wall.advanced(by: .milliseconds(random.below(200) - 100))
        }
    }

    @Test
    func `hybrid time has room for the year ten thousand, and stays at its end`() {
        let year10000 = WallTime(milliseconds: 253_402_300_800_000)
        #expect(HybridTime(year10000).milliseconds == year10000.milliseconds)
        #expect(HybridTime(WallTime(milliseconds: .max)).milliseconds == (1 << 48) - 1)
        #expect(HybridTime(raw: .max).next(at: year10000) == HybridTime(raw: .max))
    }
}
