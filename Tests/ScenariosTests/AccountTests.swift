import Scenarios
import Testing

/// What two processes say of one run is compared, down to the first event that differs.
struct AccountTests {
    @Test func `two runs of one plan give one account, and another seed another one`() throws {
        let faults = ["- at: 1s", "  for: 3s", "  partition: {shape: halves}"]
        let plan = try SmallScenario.plan(faults)
        let once = try Account(of: plan)
        #expect(try Account(of: plan).parting(from: once) == nil)
        #expect(try Account(of: SmallScenario.plan(faults, seed: 2)).parting(from: once) == 0)
    }

    @Test func `the first thousand that differs is found`() {
        let one = Account(lines: ["a", "b", "c"])
        #expect(one.parting(from: Account(lines: ["a", "b", "c"])) == nil)
        #expect(one.parting(from: Account(lines: ["a", "x", "y"])) == 1)
        #expect(one.parting(from: Account(lines: ["a", "b"])) == 2)
        #expect(Account(lines: []).parting(from: one) == 0)
    }

    @Test func `a scribe writes down the events of one thousand`() throws {
        let plan = try SmallScenario.plan([])
        let scribe = EventScribe(thousand: 0)
        var play = try Play(plan, inspector: scribe)
        let result = play.play()
        #expect(scribe.lines.count == min(1000, result.events))
        #expect(scribe.lines.first?.hasPrefix("event 1 at ") == true)
    }
}

/// A run is called by scenario, seed and commit.
struct RunNameTests {
    @Test func `a name is read`() throws {
        let name = try #require(RunName("halves@0x1f@d68a75d"))
        #expect(name.scenario == "halves")
        #expect(name.seed == 31)
        #expect(name.commit == "d68a75d")
        #expect(RunName("a/b.yaml@3")?.seed == 3)
    }

    @Test(arguments: ["halves", "halves@", "@3", "halves@x", "halves@3@", "halves@3@a@b"])
    func `what is no name is refused`(text: String) {
        #expect(RunName(text) == nil)
    }
}
