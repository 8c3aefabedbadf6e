import Scenarios
import Testing

/// A mistake in a scenario is told with its place, its key and what would be right.
struct MistakeTests {
    private func mistake(_ text: String) -> ScenarioMistake? {
        do {
            _ = try Scenario(reading: text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `an unknown shape is told by line and column with all shapes`() throws {
        let text = SmallScenario.text(["- at: 1s", "  partition: {shape: thirds}"])
        let found = try #require(mistake(text))
        #expect(found.line == 14)
        #expect(found.column == 24)
        #expect(found.key == "faults[0].partition.shape")
        #expect(found.words.contains("halves"))
        #expect("\(found)".hasPrefix("14:24: faults[0].partition.shape: "))
    }

    @Test(arguments: [
        ("chaos: 2\n", "chaos"),
        ("chaos: 1\nname: x\nabout: y\n", "cluster"),
        ("chaos: 1\nname: x\nabout: y\ncluster: {nodes: 0}\n", "cluster.nodes"),
        ("chaos: 1\nname: x\nabout: y\ncluster: {nodes: 3, zone: {}}\n", "cluster.zone"),
        (
            "chaos: 1\nname: x\nabout: y\ncluster: {nodes: 3, zones: {a: 1, b: 1}}\n",
            "cluster.zones"
        ),
        (
            "chaos: 1\nname: x\nabout: y\ncluster: {nodes: 3, config: {prob: 1s}}\n",
            "cluster.config.prob"
        ),
        (
            "chaos: 1\nname: x\nabout: y\ncluster: {nodes: 3, config: {probe: 0s}}\n",
            "cluster.config.probe"
        ),
        (
            "chaos: 1\nname: x\nabout: y\ncluster: {nodes: 3, config: {reconcile_budget: 256}}\n",
            "cluster.config.reconcile_budget"
        ),
        ("chaos: [1\n", ""),
        ("chaos: 1\nname: ../x\nabout: y\ncluster: {nodes: 3}\n", "name"),
        ("", ""),
        ("chaos: 1\nchaos: 1\n", "chaos"),
    ])
    func `what is missing, unknown or out of range is told by its key`(
        text: String,
        key: String
    ) throws {
        let found = try #require(mistake(text))
        #expect(found.key == key || found.words.contains(key))
        #expect(found.line >= 1)
    }

    @Test(arguments: [
        ["- at: 1s"], ["- at: 1 second", "  pause: {nodes: one}"],
        ["- at: 1s", "  pause: {nodes: some}"],
        ["- at: 1s", "  pause: {nodes: one}", "  kill: {}"],
        ["- at: 1s", "  for: 2s", "  allocate: {service: web, on: one}"],
        ["- at: 1s", "  pause: {node: one}"], ["- at: 1s", "  slow: {nodes: one, factor: 0}"],
        ["- at: 1s", "  clock: {nodes: one}"], ["- at: 1s", "  link: {from: all}"],
        ["- at: 1s", "  link: {loss: 101%}"], ["- when: {mark: nothing}", "  pause: {nodes: one}"],
        ["- when: {mark: refute.self}", "  join: {count: 1}"],
        ["- at: 1s", "  byzantine: {nodes: one, mischiefs: [lies]}"],
        ["- at: 9s..3s", "  pause: {nodes: one}"], ["- every: 0s", "  pause: {nodes: one}"],
        ["- at: 1s", "  kill: {nodes: one, disk: forget}"],
        ["- at: 1s", "  partition: {shape: groups, groups: [all]}"],
        ["- at: 1s", "  link: {bandwidth: 0}"],
    ])
    func `a fault that makes no sense is refused`(lines: [String]) throws {
        let found = try #require(mistake(SmallScenario.text(lines)))
        #expect(found.line >= 12, "\(found)")
        #expect(!found.isUnsupported)
    }

    @Test(arguments: [
        ["- at: 1s", "  partition: {shape: halves, plane: data}"],
        ["- at: 1s", "  partition: {shape: halves, plane: both}"],
        ["- at: 1s", "  iptables: {nodes: one, do: flush}"],
    ])
    func `what only another back end can do is unsupported, not nonsense`(lines: [String]) throws {
        #expect(try #require(mistake(SmallScenario.text(lines))).isUnsupported)
    }

    @Test(arguments: ["n9", "zone:z", "owner(nobody)", "random(9)", "bridge", "not(all)"])
    func `a selector that names nobody here is refused with the fault's place`(
        selector: String
    ) throws {
        let text = SmallScenario.text(["- at: 1s", "  pause: {nodes: \(selector)}"])
        let scenario = try Scenario(reading: text)
        let refusal = #expect(throws: Refusal.self) {
            try ScenarioFiles.plan(scenario, seed: 1, nodes: nil)
        }
        #expect(refusal?.words.contains(":14:12: faults[0].pause: ") == true)
        #expect(refusal?.code == Verdict.harnessFailed)
    }
}
