import Foundation
import Scenarios
import Testing

/// A scenario and a seed give one plan, and a plan is all that a run needs.
struct PlanTests {
    @Test(arguments: try! SmallScenario.files.names())
    func `a shipped scenario is short, and a seed gives one plan of it, byte for byte`(
        name: String
    ) throws {
        let url = SmallScenario.files.folder.appending(path: "\(name).yaml")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").count
        #expect(lines <= 40)
        let scenario = try SmallScenario.files.scenario(name)
        #expect(scenario.name == name)
        for seed in UInt64(1)...5 {
            let once = try ScenarioFiles.plan(scenario, seed: seed, nodes: nil)
            let again = try ScenarioFiles.plan(scenario, seed: seed, nodes: nil)
            #expect(try once.encoded == again.encoded)
            #expect(try RunPlan(decoding: once.encoded) == once)
        }
    }

    @Test func `there are twelve scenarios and more`() throws {
        #expect(try SmallScenario.files.names().count >= 12)
    }

    @Test func `another seed gives another plan`() throws {
        let faults = ["- at: 1s", "  for: 3s", "  partition: {shape: halves}"]
        let plans = try (UInt64(1)...5).map { try SmallScenario.plan(faults, seed: $0).encoded }
        #expect(Set(plans).count == 5)
    }

    @Test func `a fault draws the same whatever other faults come after it`() throws {
        let one = ["- at: 1s..5s", "  pause: {nodes: one}"]
        let alone = try SmallScenario.plan(one, nodes: 9)
        let others = ["- at: 6s", "  kill: {nodes: minority}"]
        let beside = try SmallScenario.plan(one + others, nodes: 9)
        #expect(beside.faults.first == alone.faults.first)
        #expect(beside.operations == alone.operations)
        #expect(beside.machines == alone.machines)
    }

    @Test func `the phases follow one another, and faults count from the chaos`() throws {
        let plan = try SmallScenario.plan(["- at: 3s", "  for: 2s", "  pause: {nodes: one}"])
        #expect(plan.phases.chaos == 4000)
        #expect(plan.phases.settle == 12_000)
        #expect(plan.phases.end == 20_000)
        #expect(plan.faults.first?.begin == .at(7000))
        #expect(plan.faults.first?.end == 9000)
    }

    @Test func `a fault that begins when all is over is refused`() throws {
        #expect(throws: Refusal.self) {
            try SmallScenario.plan(["- at: 9s", "  pause: {nodes: one}"])
        }
    }

    @Test func `what comes every second comes about so often`() throws {
        let counts = try (UInt64(1)...30).map { seed in
            try SmallScenario.plan(["- every: {mean: 1s}", "  pause: {nodes: one}"], seed: seed)
                .faults.count
        }
        let mean = Double(counts.reduce(0, +)) / 30
        #expect((6...10).contains(mean))
        #expect(Set(counts).count > 3)
    }

    @Test(arguments: ["", "{}", "[1]", #"{"version": 1}"#])
    func `what is no plan is refused`(text: String) {
        #expect(throws: ScenarioMistake.self) { try RunPlan(decoding: Data(text.utf8)) }
    }

    @Test(arguments: [
        (#""small""#, #""../small""#), (#""end" : 20000"#, #""end" : 4611686018427387904"#),
        (#""machine" : "#, #""machine" : 9"#), (#""seeds" : ["#, #""seeds" : [ 99,"#),
        (#""core" : ["#, #""core" : [ 0,"#),
        (#""settings" : ["#, #""settings" : [ {"name" : "dial", "value" : -1}"#),
    ])
    func `a plan that names what is not there is refused`(was: String, becomes: String) throws {
        let plan = try SmallScenario.plan(["- at: 1s", "  pause: {nodes: one}"])
        let text = String(decoding: try plan.encoded, as: UTF8.self)
        let altered = text.replacing(was, with: becomes)
        try #require(altered != text, "\(text)")
        #expect(throws: ScenarioMistake.self) { try RunPlan(decoding: Data(altered.utf8)) }
    }

    @Test func `a plan in which a machine is slowed down by nothing is refused`() throws {
        let plan = try SmallScenario.plan(["- at: 1s", "  slow: {nodes: one, factor: 7}"])
        let text = String(decoding: try plan.encoded, as: UTF8.self)
        let altered = text.replacing(#""factor" : 7"#, with: #""factor" : 0"#)
        try #require(altered != text, "\(text)")
        #expect(throws: ScenarioMistake.self) { try RunPlan(decoding: Data(altered.utf8)) }
    }

    @Test func `with another number of nodes zones keep their shares`() throws {
        let scenario = try SmallScenario.files.scenario("split-brain-start")
        let plan = try ScenarioFiles.plan(scenario, seed: 1, nodes: 30)
        #expect(plan.machines.count == 30)
        #expect(plan.machines.count { $0.zone == 0 } == 15)
        #expect(plan.machines.allSatisfy { $0.seeds == [0, 15] })
    }
}
