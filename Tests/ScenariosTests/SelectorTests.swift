import Scenarios
import Testing

/// One way of naming nodes, for every fault.
struct SelectorTests {
    @Test(arguments: [
        ("one", Selector.one), ("random(3)", .random(3)), ("20%", .share(200_000)),
        ("zone:a", .zone("a")), ("n3", .node(3)), ("owner(web)", .owner("web")),
        ("backend-of(web)", .backends("web")), ("not(seeds)", .not(.seeds)),
        ("zone:a/one", .oneOf(.zone("a"))), ("not(zone:a/one)", .not(.oneOf(.zone("a")))),
    ])
    func `a selector is read as it is meant`(text: String, meant: Selector) {
        #expect(Selector(text) == meant)
    }

    @Test(arguments: [
        "", "two", "random()", "random(0)", "0%", "101%", "zone:", "n", "n-1", "owner()", "not()",
        "not(two)", "/one", "one/two",
    ])
    func `what names nobody is no selector`(text: String) {
        #expect(Selector(text) == nil)
    }

    /// Whom the only fault of a plan pauses.
    private func paused(_ selector: String, seed: UInt64) throws -> [Int] {
        let faults = ["- at: 1s", "  pause: {nodes: \(selector)}"]
        let plan = try SmallScenario.plan(faults, nodes: 9, seed: seed)
        guard case .pause(let machines, _)? = plan.faults.first?.effect else { return [] }
        return machines
    }

    @Test(arguments: [
        ("all", 9), ("one", 1), ("minority", 4), ("majority", 5), ("third", 2), ("random(3)", 3),
        ("50%", 4), ("seeds", 3), ("not(seeds)", 6), ("seeds/one", 1), ("[n1, n2, n1]", 2),
    ])
    func `a selector names so many of nine nodes, whatever the seed`(
        selector: String,
        count: Int
    ) throws {
        for seed in UInt64(1)...20 {
            let found = try paused(selector, seed: seed)
            #expect(found.count == count)
            #expect(Set(found).count == count)
            #expect(found.allSatisfy { (0..<9).contains($0) })
        }
    }

    @Test func `another seed draws another node`() throws {
        let drawn = try Set((UInt64(1)...30).map { try paused("one", seed: $0) })
        #expect(drawn.count > 4)
    }

    @Test func `the owner of a service is who declares it first`() throws {
        let faults = [
            "- at: 1s", "  allocate: {service: web, on: n2}", "- at: 2s",
            "  pause: {nodes: owner(web)}",
        ]
        let plan = try SmallScenario.plan(faults)
        guard case .pause(let machines, _)? = plan.faults.last?.effect else {
            Issue.record("no pause")
            return
        }
        #expect(machines == [2])
    }
}
