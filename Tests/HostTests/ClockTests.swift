import Host
import Testing
import Vocabulary

struct ClockTests {
    @Test func `the monotonic clock never goes back`() {
        let readings = (0..<1000).map { _ in MonotonicClock.now() }
        #expect(readings == readings.sorted())
    }

    @Test(.timeLimit(.minutes(1)))
    func `a sleep ends at its deadline and not before`() async throws {
        let deadline = MonotonicClock.now() + .milliseconds(20)
        try await MonotonicClock.sleep(until: deadline)
        #expect(MonotonicClock.now() >= deadline)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a sleep until never ends only by cancellation`() async throws {
        await withThrowingTaskGroup { group in
            group.addTask { try await MonotonicClock.sleep(until: .never) }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }

    @Test func `the wall clock knows that this was written in 2025 or later`() {
        #expect(WallClock.now().seconds > 1_735_689_600)
    }

    @Test func `two seeds from the kernel differ`() {
        #expect(Entropy.seed() != Entropy.seed())
        #expect(Entropy.bytes(16).count == 16)
    }
}
