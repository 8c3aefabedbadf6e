import Laws
import Testing
import Vocabulary

/// The trials of `make laws`, and the smallest of its worlds.
struct TrialTests {
    @Test(arguments: Seed.sweep(6))
    func `nothing hostile or unlikely breaks an invariant`(seed: Seed) {
        #expect(Trial.all.compactMap { $0.breach(seed)?.description } == [])
    }

    @Test func `every order of events in the smallest world ends well`() throws {
        var search = Search(try #require(SmallWorld.all.first))
        #expect(search.run()?.description == nil)
        #expect(search.states > 300)
        #expect(search.endings > 1)
    }
}
