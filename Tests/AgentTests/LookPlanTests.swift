import Host
import Testing
import Vocabulary

@testable import Agent

/// When the kernel's rules are read and compared.
struct LookPlanTests {
    private static let end = Instant.zero + .seconds(1000)

    /// A plan after a look that took so long.
    private func plan(cost: Duration) -> LookPlan {
        var plan = LookPlan()
        plan.begin()
        plan.end(at: Self.end, since: .zero + (.seconds(1000) - cost))
        return plan
    }

    /// How long after that look the next one is due.
    private func gap(_ plan: LookPlan) -> Duration { plan.nextDeadline - Self.end }

    @Test func `who never looked looks at once`() {
        #expect(LookPlan().isDue(at: .zero))
    }

    @Test(arguments: [(1, 10_000), (200, 10_000), (500, 25_000), (5000, 60_000)])
    func `without a sign reading takes a fiftieth of the time, between ten seconds and a minute`(
        cost: Int,
        wait: Int
    ) {
        #expect(gap(plan(cost: .milliseconds(cost))) == .milliseconds(wait))
    }

    @Test(arguments: [(1, 4), (100, 400), (5000, 700)])
    func `after a sign of somebody else it waits 0.7 seconds at most`(cost: Int, wait: Int) {
        var plan = plan(cost: .milliseconds(cost))
        plan.ask(at: Self.end)
        #expect(gap(plan) == .milliseconds(wait))
    }

    @Test(arguments: [(1, 1500), (100, 1900), (500, 9500)])
    func `our own writes are read back together, for a twentieth of the time`(
        cost: Int,
        wait: Int
    ) {
        var plan = plan(cost: .milliseconds(cost))
        plan.noteWrite(at: Self.end + .milliseconds(500))
        plan.noteWrite(at: Self.end + .milliseconds(900))
        #expect(gap(plan) == .milliseconds(wait))
    }

    @Test func `a look answers every sign before it`() {
        var plan = plan(cost: .milliseconds(1))
        plan.ask(at: Self.end)
        plan.noteWrite(at: Self.end)
        plan.begin()
        plan.end(at: Self.end, since: .zero + .milliseconds(999_999))
        #expect(gap(plan) == .seconds(10))
    }

    @Test func `a look that failed is made up for`() {
        var plan = plan(cost: .milliseconds(1))
        plan.begin()
        plan.fail(at: Self.end + .seconds(2))
        #expect(plan.isDue(at: Self.end + .seconds(2)))
    }

    @Test func `the kernel's word of our own work is no sign of somebody else`() {
        var own = OwnWriters()
        own.note(7, at: Self.end)
        #expect(own.holds(.process(7), at: Self.end + .seconds(1)))
        #expect(!own.holds(.process(8), at: Self.end))
        #expect(!own.holds(.unknown, at: Self.end))
        // By then the number may be another's.
        #expect(!own.holds(.process(7), at: Self.end + .seconds(10)))
        for number in 100..<200 { own.note(Int32(number), at: Self.end) }
        #expect(!own.holds(.process(7), at: Self.end))
        #expect(own.holds(.process(199), at: Self.end))
    }
}
