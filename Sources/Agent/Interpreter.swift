import Gossip
import Host
import Logging
import Registry
import Vocabulary

/// Carries out what the node asks for.
///
/// The only file that knows both worlds: when it grows, the design is slipping.
struct Interpreter {
    let socket: UDPSocket
    let store: KeyedStore
    let board: Board
    let journal: Journal
    private var waiting: [Ticket: CheckedContinuation<CommandResult, Never>] = [:]
    private var lastTicket: UInt64 = 0

    init(socket: UDPSocket, store: KeyedStore, board: Board, journal: Journal) {
        self.socket = socket
        self.store = store
        self.board = board
        self.journal = journal
    }

    /// Remembers who waits for the answer to a command.
    mutating func expect(_ asker: CheckedContinuation<CommandResult, Never>) -> Ticket {
        lastTicket += 1
        let ticket = Ticket(lastTicket)
        waiting[ticket] = asker
        return ticket
    }

    /// Carries effects out in order.
    ///
    /// - Parameters:
    ///   - effects: Of one event.
    ///   - isWish: Whether somebody waits for them: then nothing happens after a write that
    ///     failed, and the node must be taken back to what it was before.
    /// - Returns: What the node must be told of it, and whether a wish came to nothing.
    mutating func perform(
        _ effects: Effects,
        asWish isWish: Bool
    ) async -> (events: [Event], failed: Bool) {
        var events: [Event] = []
        var failure: StoreError?
        for effect in effects.list {
            if isWish, let failure {
                guard case .answer(let ticket, _) = effect else { continue }
                let words = "\(failure.description) Nothing was changed"
                waiting.removeValue(forKey: ticket)?.resume(returning: .failed(words))
                continue
            }
            switch effect {
            case .send(let bytes, let address):
                socket.send(bytes, to: address)
            case .persist(let changes):
                failure = await write(changes.map(\.storeChange)) ?? failure
            case .secure(let incarnation):
                let change = SavedState.change(incarnation: incarnation)
                failure = await write([change]) ?? failure
                if failure == nil { events.append(.secured(incarnation)) }
            case .publish(let publication):
                board.publish(publication)
            case .report(let incident):
                journal.note(incident, names: board.names)
            case .answer(let ticket, let outcome):
                waiting.removeValue(forKey: ticket)?.resume(returning: .done(outcome))
            }
        }
        return (events, isWish && failure != nil)
    }

    /// Tells everybody who still waits that nothing will come.
    mutating func abandon() {
        for ticket in waiting.keys.sorted(by: { $0.number < $1.number }) {
            waiting.removeValue(forKey: ticket)?
                .resume(returning: .failed("the agent is stopping"))
        }
    }

    private func write(_ changes: [KeyedStore.Change]) async -> StoreError? {
        do throws(StoreError) {
            try await store.write(changes)
            board.setTrouble(.disk, nil)
            return nil
        } catch {
            journal.fail("disk", "\(error)")
            board.setTrouble(.disk, error.description)
            return error
        }
    }
}

extension DiskChange {
    fileprivate var storeChange: KeyedStore.Change {
        let name =
            switch space {
            case .wishes: SavedState.wishSpace
            case .offers: SavedState.offerSpace
            case .records: SavedState.recordSpace
            case .certificate: SavedState.certificateSpace
            }
        guard let value else { return .remove(space: name, key: key) }
        return .put(space: name, key: key, value: value)
    }
}
