import Testing
import Vocabulary

/// Chance as a value: replayable for ever, fair, and not shared between purposes.
struct ChanceTests {
    /// Computed by a second implementation (Python).
    ///
    /// If these change, no old plan can be replayed: a failing seed in a report would show
    /// something else.
    @Test
    func `the first draws are golden`() {
        func first(_ stream: RandomStream) -> [UInt64] {
            var stream = stream
            return (0..<3).map { _ in stream.next() }
        }
        #expect(
            first(RandomStream(Seed(0), "loss"))
                == [0xcab8_ef05_694d_9743, 0xeef5_b847_0274_5e24, 0xc892_57ae_fd52_f49f]
        )
        #expect(
            first(RandomStream(Seed(1), "loss"))
                == [0x9417_e4b1_70c6_c029, 0x9a18_ecc4_eb16_524e, 0xe96d_db25_16d7_acd7]
        )
        #expect(
            first(RandomStream(Seed(1), "latency"))
                == [0xf63d_d4d8_48d8_513f, 0x2b18_afbc_5591_d013, 0x45b8_23ef_b897_3555]
        )
        #expect(
            first(RandomStream(Seed(1), "loss", 2, 3))
                == [0x0a8d_b22b_16ff_4571, 0xe8ab_de3e_ceb6_b80a, 0x9515_a3bb_c24f_7550]
        )
        #expect(
            first(RandomStream(Seed(.max), ""))
                == [0x19f3_64ff_a313_83e2, 0x1a88_70b2_887b_b14f, 0x0808_a555_1a6f_2590]
        )
        var dice = RandomStream(Seed(7), "dice")
        #expect((0..<12).map { _ in dice.below(6) } == [2, 2, 3, 0, 0, 3, 2, 1, 4, 0, 0, 5])
        var sample = RandomStream(Seed(7), "sample")
        #expect(sample.sample(4, of: Array(0..<10)) == [4, 1, 8, 2])
    }

    @Test(arguments: Seed.sweep(200))
    func `draws keep their bounds`(seed: Seed) {
        var random = RandomStream(seed, "bounds")
        for bound in [1, 2, 3, 7, 1000, 1 << 40, Int.max] {
            for _ in 0..<10 { #expect((0..<bound).contains(random.below(bound))) }
            let duration = random.duration(below: .nanoseconds(bound))
            #expect(duration >= .zero && duration < .nanoseconds(bound))
        }
        #expect(random.duration(below: .zero) == .zero)
        #expect(random.duration(below: .seconds(-1)) == .zero)
        let (never, always) = (random.chance(0, in: 10), random.chance(10, in: 10))
        #expect(!never && always)
        let (none, one) = (random.pick([Int]()), random.pick(Array(0..<5)))
        #expect(none == nil)
        #expect((0..<5).contains(one ?? -1))
    }

    @Test(arguments: Seed.sweep(20))
    func `every face of a die comes up about as often`(seed: Seed) {
        var random = RandomStream(seed, "fair")
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<6000 { counts[random.below(6)] += 1 }
        #expect(counts.allSatisfy { (800...1200).contains($0) })
    }

    @Test(arguments: Seed.sweep(200))
    func `a sample has different elements, as many as there are at most`(seed: Seed) {
        var random = RandomStream(seed, "samples")
        let elements = Array(0..<random.below(30))
        for count in [-1, 0, 1, 5, 30, 100] {
            let sample = random.sample(count, of: elements)
            #expect(sample.count == min(max(count, 0), elements.count))
            #expect(Set(sample).count == sample.count)
            #expect(Set(sample).isSubset(of: elements))
        }
    }

    @Test(arguments: Seed.sweep(200))
    func `another seed, purpose or index is another stream, and draws do not mix`(seed: Seed) {
        var streams = [
            RandomStream(seed, "a"), RandomStream(seed, "b"), RandomStream(seed, "ab"),
            RandomStream(seed, "a", 0), RandomStream(seed, "a", 1), RandomStream(seed, "a", 0, 0),
            RandomStream(seed, "a", 0, 1), RandomStream(seed, "a", 1, 0),
            RandomStream(Seed(seed.value &+ 1), "a"),
        ]
        var drawn: [[UInt64]] = []
        for index in streams.indices { drawn.append((0..<4).map { _ in streams[index].next() }) }
        #expect(Set(drawn.flatMap(\.self)).count == 4 * streams.count)

        // Draws of one purpose do not move those of another.
        var (calm, other) = (RandomStream(seed, "a"), RandomStream(seed, "b"))
        for draw in drawn[0] {
            for _ in 0..<3 { _ = other.next() }
            #expect(calm.next() == draw)
        }
    }

    @Test
    func `a sweep is the first seeds, and a seed prints as it is typed`() {
        #expect(Seed.sweep(3) == [Seed(0), Seed(1), Seed(2)])
        #expect(Seed(255).description == "0xff")
    }
}
