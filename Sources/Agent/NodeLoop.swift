import Gossip
import Host
import Registry
import Vocabulary

/// The one loop that owns the node: events in, effects out.
///
/// No lock, no re-entrancy.
struct NodeLoop: Sendable {
    let inbox: Inbox
    let identity: Identity
    let memory: Memory
    let settings: NodeSettings

    /// Runs until the inbox is closed.
    func run(_ interpreter: consuming Interpreter) async {
        var interpreter = interpreter
        var node = GossipNode(
            identity: identity,
            memory: memory,
            settings: settings,
            check: .real,
            at: MonotonicClock.now()
        )
        let alarm = Alarm { [inbox] in inbox.ringAlarm() }
        await step(&node, &interpreter, .wallClock(WallClock.now()))
        alarm.set(at: node.nextDeadline)
        for await item in inbox.items {
            switch item {
            case .event(let event):
                await step(&node, &interpreter, event)
            case .alarm:
                await step(&node, &interpreter, .wallClock(WallClock.now()))
                await step(&node, &interpreter, .deadline)
            case .command(let command, let asker):
                let ticket = interpreter.expect(asker)
                await step(&node, &interpreter, .command(command, ticket))
            }
            alarm.set(at: node.nextDeadline)
        }
        alarm.set(at: .never)
        interpreter.abandon()
    }

    private func step(
        _ node: inout GossipNode,
        _ interpreter: inout Interpreter,
        _ event: Event
    ) async {
        var events = [event]
        while !events.isEmpty {
            var effects = Effects()
            node.handle(events.removeFirst(), at: MonotonicClock.now(), into: &effects)
            events += await interpreter.perform(effects)
        }
    }
}
