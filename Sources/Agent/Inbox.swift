import Gossip
import Synchronization
import Vocabulary

/// What waits for the one loop that owns the node, in the order in which it came.
///
/// It is bounded, and its victim when full is what comes last: a datagram is repeated by the
/// protocol, an alarm is set again after each event, and a command is told.
final class Inbox: Sendable {
    /// One thing for the loop to look at.
    enum Item: Sendable {
        case event(Event)
        case alarm
        case command(Command, CheckedContinuation<CommandResult, Never>)
        /// A command of which only the outcome is wanted.
        case rehearsal(Command, CheckedContinuation<CommandResult, Never>)
        /// Whoever waits for an answer that takes time must not keep the agent from stopping.
        case stopping
    }

    /// Some seconds of work at the worst.
    static let limit = 16_384

    let items: AsyncStream<Item>
    private let continuation: AsyncStream<Item>.Continuation
    private let lost = Mutex(0)

    init() {
        (items, continuation) = AsyncStream.makeStream(
            of: Item.self,
            bufferingPolicy: .bufferingOldest(Self.limit)
        )
    }

    /// Datagrams and alarms that found no place.
    var lostItems: Int { lost.withLock { $0 } }

    private func put(_ event: Event) { put(item: .event(event)) }

    /// Where the configured peers are now.
    func put(seeds: [PeerAddress]) { put(.seeds(seeds)) }

    /// Nobody listens there, by the word of ICMP.
    func put(unreachable address: PeerAddress) { put(.unreachable(address)) }

    func put(_ bytes: [UInt8], from source: PeerAddress) {
        put(.datagram(bytes, from: source))
    }

    func ringAlarm() { put(item: .alarm) }

    /// Ends what takes time; everything else goes on until `close`.
    func announceStop() { put(item: .stopping) }

    /// Hands a command to the node and waits for what came of it.
    func carryOut(_ command: Command) async -> CommandResult {
        await ask { .command(command, $0) }
    }

    /// Asks the node what would come of a command, and changes nothing.
    func rehearse(_ command: Command) async -> CommandResult {
        await ask { .rehearsal(command, $0) }
    }

    private func ask(
        _ item: (CheckedContinuation<CommandResult, Never>) -> Item
    ) async -> CommandResult {
        await withCheckedContinuation { continuation in
            let result = self.continuation.yield(item(continuation))
            guard case .enqueued = result else {
                continuation.resume(returning: .failed("the agent is too busy, or is stopping"))
                return
            }
        }
    }

    /// No more comes: the loop ends after what waits already.
    func close() { continuation.finish() }

    private func put(item: Item) {
        if case .dropped = continuation.yield(item) { lost.withLock { $0 += 1 } }
    }
}

/// What came of a command: the node's word, or that it could not be made durable.
enum CommandResult: Sendable {
    case done(Outcome)
    case failed(String)
}
