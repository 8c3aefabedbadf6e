import Scenarios
import Testing

/// A plan that is played gives one result, with a verdict that says why.
struct PlayTests {
    private func play(_ plan: RunPlan) throws -> RunResult {
        var play = try Play(plan)
        return play.play()
    }

    @Test func `a plan that was written down takes the same course when it is played again`() throws
    {
        let faults = [
            "- at: 1s", "  for: 3s", "  partition: {shape: halves}", "- at: 2s",
            "  kill: {nodes: one, restart_after: 1s..2s}", "- at: 3s", "  for: 2s",
            "  link: {loss: 20%, duplicate: 5%}",
        ]
        let plan = try SmallScenario.plan(faults)
        let once = try play(plan)
        let again = try play(RunPlan(decoding: plan.encoded))
        #expect(once == again)
        #expect(try once.encoded == again.encoded)
        let other = try play(SmallScenario.plan(faults, seed: 2))
        #expect(other.trace != once.trace)
    }

    @Test func `a calm run passes, and says what it measured`() throws {
        let result = try play(SmallScenario.plan([]))
        #expect(result.verdict == .pass, "\(result.complaints)")
        #expect(result.verdict.exitCode == 0)
        #expect(result.measures.converge != nil)
        #expect(result.measures.operations == 6)
        #expect(result.played == 20_000)
    }

    @Test func `the canary dies: who is well and called dead is a violation`() throws {
        // Answers take 400 ms, and nobody waits longer than 50: each must bury all others.
        let text = SmallScenario.text([]).replacing(
            "  nodes: 4",
            with: """
                  nodes: 4
                  link: {latency: 200ms}
                  config: {probe: 50ms, probe_timeout_min: 5ms, probe_timeout_max: 10ms}
                """
        )
        let plan = try ScenarioFiles.plan(try Scenario(reading: text), seed: 1, nodes: nil)
        let result = try play(plan)
        #expect(result.verdict == .violated)
        #expect(result.verdict.exitCode == 1)
        #expect(result.complaints.first?.name == "L3 evictions")
        let report = Report(plan, again: "replay canary@1").verdict(result)
        #expect(report.first?.hasPrefix("FAIL L3 evictions  t=") == true)
        #expect(report.contains { $0.contains("replay:  grapevine-chaos replay canary@1") })
    }

    @Test func `what takes longer than its bound is late`() throws {
        let expect = ["within: {detect: 1ms}"]
        let kill = ["- at: 1s", "  kill: {nodes: n1}"]
        let result = try play(SmallScenario.plan(kill, expect: expect))
        #expect(result.verdict == .late)
        #expect(result.verdict.exitCode == 3)
        #expect(result.complaints.first?.name == "L2 detect")
    }

    @Test func `a fault without effect makes the run say nothing`() throws {
        // Nothing is left to be lost between machines that are down.
        let faults = [
            "- at: 1s", "  kill: {nodes: all}", "- at: 2s", "  for: 1s",
            "  partition: {shape: halves}",
        ]
        let result = try play(SmallScenario.plan(faults))
        #expect(result.verdict == .unknown)
        #expect(result.verdict.exitCode == 2)
        #expect(result.complaints.contains { $0.name == "fault without effect" })
    }

    @Test func `a mark that is not reached makes the run say nothing`() throws {
        let result = try play(SmallScenario.plan([], expect: ["reach: [fault.proven]"]))
        #expect(result.verdict == .unknown)
        #expect(result.complaints.map(\.words) == ["fault.proven"])
    }

    @Test func `a core that cannot agree is late`() throws {
        let faults = ["- at: 1s", "  partition: {shape: halves, heal: never}"]
        let result = try play(SmallScenario.plan(faults))
        #expect(result.verdict == .late)
        #expect(result.complaints.contains { $0.name == "L1 converge" })
    }

    @Test func `every fault has an effect that can be measured`() throws {
        let faults = [
            "- at: 1s", "  for: 3s", "  partition: {shape: isolate, mode: jam}",
            "- at: 1s", "  for: 3s", "  link: {latency: 100ms}",
            "- at: 1s", "  for: 3s", "  link: {from: n1, to: all, corrupt: 20%}",
            "- at: 1s", "  for: 3s", "  link: {from: n2, to: all, duplicate: 50%}",
            "- at: 1s", "  for: 2s", "  clock: {nodes: one, wall: {step: -1h}}",
            "- at: 1s", "  for: 4s", "  clock: {nodes: n3, wall: {drift: 5000ppm}}",
            "- at: 2s", "  for: 1s", "  pause: {nodes: n0}",
            "- at: 3s", "  for: 2s", "  slow: {nodes: n0, factor: 10}",
            "- at: 6s", "  disk: {nodes: n1, do: snapshot}",
            "- at: 6s", "  allocate: {service: web, on: [n0, n1]}",
            "- at: 7s", "  kill: {nodes: n1, disk: restore, restart_after: 500ms}",
            "- at: 7s", "  join: {count: 1}",
        ]
        let result = try play(SmallScenario.plan(faults))
        #expect(result.evidence.count == 12)
        #expect(result.evidence.allSatisfy { $0.count > 0 }, "\(result.evidence)")
        #expect(!result.complaints.contains { $0.kind == .violation }, "\(result.complaints)")
    }

    @Test func `a fault that waits for a mark begins when it is hit`() throws {
        let faults = [
            "- at: 1s", "  kill: {nodes: n3, restart_after: 6s}",
            "- when: {mark: suspicion.raised}", "  for: 1s", "  pause: {nodes: n0}",
        ]
        let result = try play(SmallScenario.plan(faults, nodes: 5))
        let pause = try #require(result.evidence.last)
        #expect(pause.title == "pause")
        #expect(try #require(pause.begun) > 5000)
        #expect(pause.ended == pause.begun.map { $0 + 1000 })
    }
}
