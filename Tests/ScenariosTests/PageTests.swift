import Foundation
import Scenarios
import Testing

/// What the page shows is true.
struct PageTests {
    @Test func `the example of the page is a scenario that passes`() throws {
        let page = SmallScenario.files.folder.deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let block = try #require(text.firstMatch(of: /```yaml\n((?s:.*?))```/)?.1)
        #expect(block.split(separator: "\n").count <= 18)
        let scenario = try Scenario(reading: String(block))
        var play = try Play(try ScenarioFiles.plan(scenario, seed: 1, nodes: nil))
        let result = play.play()
        #expect(result.verdict == .pass, "\(result.complaints)")
        #expect(result.measures.conflict != nil)
    }
}
