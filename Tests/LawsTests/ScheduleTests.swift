import Laws
import Simulation
import Testing
import Vocabulary

/// A few of the schedules of `make laws`, so that nobody breaks them unseen.
struct ScheduleTests {
    @Test(arguments: Seed.sweep(30))
    func `whatever happens, every invariant holds and all comes to rest`(seed: Seed) {
        var stage = Stage(Schedule(seed))
        let breaches = stage.play()
        #expect(breaches.map(\.description) == [])
    }

    /// Each of them found something once: a storm, a twin that kept its place, a word that nobody
    /// could refute.
    @Test(arguments: [47, 104, 108, 155, 237, 1612, 2642, 3297].map(Seed.init))
    func `what broke an invariant once does not do so again`(seed: Seed) {
        var stage = Stage(Schedule(seed))
        #expect(stage.play().map(\.description) == [])
    }

    @Test func `a schedule follows from its seed`() {
        #expect(Schedule(Seed(7)).steps == Schedule(Seed(7)).steps)
        #expect(Schedule(Seed(7)).steps != Schedule(Seed(8)).steps)
        var first = Stage(Schedule(Seed(7)))
        var second = Stage(Schedule(Seed(7)))
        _ = (first.play(), second.play())
        #expect(first.world.trace.hash == second.world.trace.hash)
    }
}
