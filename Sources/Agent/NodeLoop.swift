import Gossip
import Registry
import Sodium
import Vocabulary

/// The one loop that owns the node: events in, effects out.
///
/// No lock, no re-entrancy.
struct NodeLoop: Sendable {
    let inbox: Inbox
    let clocks: Clocks
    let identity: Identity
    let memory: Memory
    var settings = NodeSettings()

    /// Runs until the inbox is closed.
    func run(_ interpreter: consuming Interpreter) async {
        var interpreter = interpreter
        var node = GossipNode(
            identity: identity,
            memory: memory,
            settings: settings,
            check: .real,
            at: clocks.now()
        )
        await step(&node, &interpreter, .wallClock(clocks.wall()))
        interpreter.board.inspection = node.inspection
        clocks.wake(node.nextDeadline)
        var isStopping = false
        for await item in inbox.items {
            switch item {
            case .event(let event):
                await step(&node, &interpreter, event)
            case .alarm:
                for event in await interpreter.retry(at: clocks.now()) {
                    await step(&node, &interpreter, event)
                }
                await step(&node, &interpreter, .wallClock(clocks.wall()))
                await step(&node, &interpreter, .deadline)
                // Each second, that is, or sooner: often enough for whoever counts.
                interpreter.board.inspection = node.inspection
            case .command(let command, let asker):
                let ticket = interpreter.expect(asker)
                await step(&node, &interpreter, .command(command, ticket))
                if isStopping { interpreter.abandon() }
            case .rehearsal(let command, let asker):
                asker.resume(returning: rehearse(command, with: node))
            case .stopping:
                isStopping = true
                interpreter.abandon()
            }
            clocks.wake(node.nextDeadline)
        }
        clocks.wake(.never)
        interpreter.abandon()
    }

    /// What would come of a command: the node is a value, and its copy is dropped.
    private func rehearse(_ command: Command, with node: GossipNode) -> CommandResult {
        var trial = node
        var effects = Effects()
        trial.handle(.command(command, Ticket(0)), at: clocks.now(), into: &effects)
        for effect in effects.list {
            if case .answer(_, let outcome) = effect { return .done(outcome) }
        }
        return .failed("the node gave no answer")
    }

    private func step(
        _ node: inout GossipNode,
        _ interpreter: inout Interpreter,
        _ event: Event
    ) async {
        var events = [event]
        while !events.isEmpty {
            let event = events.removeFirst()
            // The node is a value: a wish that does not reach the disk was never made.
            let before = event.isCommand ? node : nil
            var effects = Effects()
            node.handle(event, at: clocks.now(), into: &effects)
            let result = await interpreter.perform(effects, asWish: before != nil)
            if result.failed, let before { node = before }
            events += result.events
        }
    }
}

extension Identity {
    /// Who a bundle makes of this machine, with fresh chance for this start.
    init(_ bundle: Bundle, addresses: [PeerAddress]) {
        let entropy = SecretBytes.draw(32)
        self.init(
            anchor: bundle.anchor,
            certificate: bundle.certificate,
            key: bundle.key,
            cluster: bundle.cluster,
            addresses: addresses,
            entropy: entropy,
            // One more draw, so that nothing about the secret shows in jitter.
            seed: Seed(SecretBytes.draw(8).reduce(0) { $0 << 8 | UInt64($1) })
        )
    }
}

extension NodeLoop {
    /// The loop of the node that a bundle and a disk make.
    init(
        inbox: Inbox,
        clocks: Clocks,
        bundle: Bundle,
        addresses: [PeerAddress],
        saved: SavedState
    ) {
        self.init(
            inbox: inbox,
            clocks: clocks,
            identity: Identity(bundle, addresses: addresses),
            memory: Memory(
                incarnation: saved.incarnation,
                leaseEnd: saved.leaseEnd,
                wishes: saved.wishes,
                offers: saved.offers,
                retractions: saved.retractions,
                records: saved.records,
                vouched: saved.vouched
            )
        )
    }
}

extension Event {
    fileprivate var isCommand: Bool {
        if case .command = self { true } else { false }
    }
}
