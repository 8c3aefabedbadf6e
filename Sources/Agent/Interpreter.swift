import Gossip
import Host
import Logging
import Metrics
import Registry
import Vocabulary

/// Carries out what the node asks for.
///
/// The only file that knows both worlds: when it grows, the design is slipping.
struct Interpreter {
    let socket: UDPSocket
    let snapshot: SnapshotKeeper
    let voucher: Voucher
    let board: Board
    let journal: Journal
    /// How long records were on their way.
    private let propagation: Recorder
    private var state: StateKeeper
    /// The incarnation that the node waits for.
    private var unsecured: UInt64?
    private var waiting: [Ticket: CheckedContinuation<CommandResult, Never>] = [:]
    private var lastTicket: UInt64 = 0

    init(
        socket: UDPSocket,
        state: StateKeeper,
        snapshot: SnapshotKeeper,
        voucher: Voucher,
        board: Board,
        journal: Journal
    ) {
        self.socket = socket
        self.state = state
        self.snapshot = snapshot
        self.voucher = voucher
        self.board = board
        self.journal = journal
        propagation = journal.recorder(.propagation)
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
                failure = await persist(changes, asWish: isWish) ?? failure
            case .secure(let incarnation):
                let change = SavedState.change(incarnation: incarnation)
                failure = await state.write([change], asWish: isWish) ?? failure
                if !isWish || failure == nil { unsecured = incarnation }
            case .publish(let publication):
                board.publish(publication)
            case .report(let incident):
                journal.note(incident, names: board.names)
                board.note(incident)
            case .measured(let measurement):
                journal.note(measurement)
            case .answer(let ticket, let outcome):
                waiting.removeValue(forKey: ticket)?.resume(returning: .done(outcome))
            }
        }
        return (secured(), isWish && failure != nil)
    }

    /// Tries a disk again that refused something.
    ///
    /// - Returns: What the node must be told.
    mutating func retry(at now: Instant) async -> [Event] {
        await state.retry(at: now)
        return secured()
    }

    /// An incarnation counts from when the disk owes nothing more.
    private mutating func secured() -> [Event] {
        guard let incarnation = unsecured, state.isSettled else { return [] }
        unsecured = nil
        return [.secured(incarnation)]
    }

    /// Tells everybody who still waits that nothing will come.
    mutating func abandon() {
        for ticket in waiting.keys.sorted(by: { $0.number < $1.number }) {
            waiting.removeValue(forKey: ticket)?
                .resume(returning: .failed("the agent is stopping"))
        }
    }

    /// What is this node's own is on the disk when this returns; what others said is not waited
    /// for.
    private mutating func persist(
        _ changes: [DiskChange],
        asWish isWish: Bool
    ) async -> StoreError? {
        for change in changes where change.space == .records {
            snapshot.put(change.key, change.value.map(voucher.sealed))
        }
        if let phase = board.publication?.phase, phase != .joining { measureArrival(of: changes) }
        let own = changes.filter { $0.space != .records }.map(\.storeChange)
        return own.isEmpty ? nil : await state.write(own, asWish: isWish)
    }
}

extension Interpreter {
    /// Measures how old records of others are when they are taken in here: what a node learns while
    /// it starts was on no way.
    private func measureArrival(of changes: [DiskChange]) {
        let now = WallClock.now().milliseconds
        for change in changes where change.space == .records {
            guard let bytes = change.value else { continue }
            var reader = ByteReader(bytes)
            guard let (header, _) = try? RecordHeader.read(&reader) else { continue }
            // Clocks that are ahead make it negative, which says no more than nothing.
            let then = header.time.milliseconds
            propagation.record(now > then ? Double(now - then) / 1000 : 0)
        }
    }
}

extension DiskChange {
    fileprivate var storeChange: KeyedStore.Change {
        let name = space.rawValue
        guard let value else { return .remove(space: name, key: key) }
        return .put(space: name, key: key, value: value)
    }
}
