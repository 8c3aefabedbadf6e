import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// Alarms may come early, late and twice: the node compares the time with its deadline.
struct DeadlineTests {
    @Test(arguments: Seed.sweep(10))
    func `an early alarm does nothing`(seed: Seed) {
        var encounter = Encounter(seed)
        encounter.meet()
        for _ in 0..<200 {
            encounter.wait(.milliseconds(17))
            let due = encounter.node.nextDeadline
            #expect(due > encounter.now)
            let effects = encounter.tell(.deadline)
            #expect(effects.isEmpty)
            #expect(encounter.node.nextDeadline == due)
        }
    }

    @Test(arguments: Seed.sweep(10))
    func `a repeated alarm does nothing`(seed: Seed) {
        var encounter = Encounter(seed)
        encounter.meet()
        for _ in 0..<200 {
            let due = encounter.node.nextDeadline
            encounter.wait(due - encounter.now)
            #expect(encounter.tell(.deadline).isEmpty)
        }
    }

    @Test(arguments: Seed.sweep(10))
    func `one late alarm for many deadlines is enough`(seed: Seed) {
        var encounter = Encounter(seed)
        encounter.meet()
        for _ in 0..<20 {
            encounter.oversleep(.seconds(30))
            let effects = encounter.tell(.deadline)
            #expect(effects.sent.count < 20)
            #expect(encounter.node.nextDeadline > encounter.now)
        }
    }

    @Test
    func `before its first reading of the clock a node wants nothing and says nothing`() {
        var encounter = Encounter(Seed(1))
        #expect(encounter.node.nextDeadline == .never)
        #expect(encounter.tell(.deadline).isEmpty)
        let head = encounter.puppet.head(at: encounter.time)
        #expect(encounter.hear(encounter.puppet.hello(head.bytes, wantsAnswer: true)).isEmpty)
        #expect(encounter.tell(.secured(1)).isEmpty)
    }

    @Test
    func `a clock that jumps back and forth stops nothing`() {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        for offset in [Duration.seconds(86_400 * 365), .seconds(-86_400 * 365), .zero] {
            _ = encounter.tell(.wallClock(encounter.time.advanced(by: offset)))
            encounter.wait(.seconds(5))
            #expect(encounter.node.nextDeadline > encounter.now)
        }
    }
}
