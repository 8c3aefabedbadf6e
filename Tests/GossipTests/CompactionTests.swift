import Gossip
import Registry
import Simulation
import Testing
import Vocabulary

/// What a node does with the slots that its withdrawn wishes leave behind.
struct CompactionTests {
    @Test func `a node with few records left moves what is in its first chunk a part at a time`()
        throws
    {
        // Thirty wishes, twenty more records: two thirds of them can move at once.
        var encounter = Encounter(Seed(1)) { $0.maximumRecords = 50 }
        encounter.meet()
        let kept = try (0..<30).map { try name("kept-\($0)") }
        for name in kept { _ = encounter.command(declare(name)) }
        // Each opens a slot, and closes it for ever.
        let passing = try name("passing")
        let turns = Array(repeating: [declare(passing), .withdraw(passing)], count: 100)
        for _ in 0..<41 {
            guard
                case .together(let outcomes)? = encounter.command(
                    .together(turns.flatMap { $0 })
                ).outcome
            else { return #expect(Bool(false), "no answer") }
            #expect(!outcomes.contains { if case .refused = $0 { true } else { false } })
        }
        var seen: Set<Int> = []
        for _ in 0..<40 {
            encounter.wait(.milliseconds(100))
            let slots = encounter.node.registry.shelf(of: encounter.node.id)?.slots ?? []
            seen.insert(slots.count { $0 < 4_096 })
            #expect(encounter.publication?.view.services.map(\.name) == kept.sorted())
        }
        #expect(seen == [10, 0])
        let head = encounter.node.registry.shelf(of: encounter.node.id)?.content
        #expect(head?.chunkFloor == 1)
    }

    private func name(_ text: String) throws -> ServiceName {
        try #require(ServiceName(namespace: "default", name: text))
    }

    private func declare(_ name: ServiceName) -> Command {
        let spec = ServiceSpec(
            type: .clusterIP,
            ports: [ServicePort(port: 80)],
            addressRequest: .headless
        )
        return .declare(name, spec, takeOwnership: false)
    }
}
