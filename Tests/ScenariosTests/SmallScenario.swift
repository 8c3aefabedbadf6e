import Foundation
import Scenarios
import Testing

/// Scenarios that are short enough for a test.
enum SmallScenario {
    /// A scenario of a few nodes and seconds, with these faults.
    ///
    /// - Parameters:
    ///   - faults: Lines of YAML, as they stand below `faults:`.
    ///   - expect: Lines of YAML, as they stand below `expect:`.
    ///   - nodes: How many there are.
    /// - Returns: The scenario.
    static func text(_ faults: [String], expect: [String] = [], nodes: Int = 4) -> String {
        let lines =
            ["chaos: 1", "name: small", "about: A test.", "cluster:", "  nodes: \(nodes)"]
            + ["workload:", "  services: {count: 3, endpoints: 1}", "phases:"]
            + ["  - warmup: 4s", "  - chaos: 8s", "  - settle: 8s"]
            + (faults.isEmpty ? [] : ["faults:"] + faults.map { "  \($0)" })
            + (expect.isEmpty ? [] : ["expect:"] + expect.map { "  \($0)" })
        return lines.joined(separator: "\n") + "\n"
    }

    static func plan(
        _ faults: [String],
        expect: [String] = [],
        nodes: Int = 4,
        seed: UInt64 = 1
    ) throws -> RunPlan {
        let scenario = try Scenario(reading: text(faults, expect: expect, nodes: nodes))
        return try ScenarioFiles.plan(scenario, seed: seed, nodes: nil)
    }

    /// The folder of the scenarios that are shipped.
    static let files = ScenarioFiles(
        folder: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ScenarioFiles.usual)
    )
}
