import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A member gone bad that asks for as much as it can: an answer has its bound, however often the
/// question stands in one datagram.
struct AttackLoadTests {
    /// A node that holds so many records of the puppet, which no manifest speaks of yet.
    private func rich(_ count: Int) -> Encounter {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        for slot in 0..<count {
            let record = encounter.puppet.record(
                .endpoints,
                slot: UInt32(slot),
                .endpoints([]),
                at: encounter.time
            )
            _ = encounter.hear([.news(record.bytes)])
        }
        encounter.wait(.seconds(1))
        return encounter
    }

    @Test func `who says 255 times that it has nothing is told of no more than one step may tell`()
    {
        var encounter = rich(40)
        let held = encounter.node.registry.data.count
        #expect(held >= 40)
        let nothing = TreeFrame.Part.listing(.root, [])
        let tree = TreeFrame(
            salt: 7,
            half: .data,
            budget: 16,
            parts: [TreeFrame.Part](repeating: nothing, count: 255)
        )
        let effects = encounter.hear([.tree(tree)]) + encounter.wait(.milliseconds(100))
        var told = 0
        for case .have(let items) in encounter.frames(effects) { told += items.count }
        #expect(told >= held)
        #expect(told <= 16 * Frame.maximumItems)
    }
}
