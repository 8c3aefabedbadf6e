import ControlAPI
import Synchronization
import Vocabulary

/// One client that watches, as its connection asks for the next piece.
///
/// It holds no queue: where the client is, is a revision in the history, and whoever is so slow that
/// the history has forgotten it is told so and let go.
final class Watcher: Sendable {
    fileprivate struct State: Sendable {
        /// What there was at the beginning, and how far it is told.
        var burst: (sight: Sight, step: Int)?
        /// Services that were told of before this machine's rules had them.
        var owed: Set<ServiceName>
        /// Those of them to be looked at, the first one last; and what they are looked at for.
        var due: [ServiceName] = []
        var stamp: Int?
        /// Everything up to here is told.
        var revision: Int
        var isOver = false
        /// When the last piece was handed over.
        var handedAt: ContinuousClock.Instant?
        /// When a line went out last.
        var spokeAt = ContinuousClock.now
    }

    /// After so long without a line there comes a bookmark.
    static let silence = Duration.seconds(10)
    /// Whoever takes longer for one piece is too slow.
    static let patience = Duration.seconds(10)
    /// Pieces are some such size.
    private static let pieceBytes = 16_384

    private let choice: WatchChoice
    private let history: History
    private let number: Int
    private let bells: AsyncStream<Void>
    private let programming: @Sendable () -> Programming
    private let state: Mutex<State>

    init(
        _ choice: WatchChoice,
        history: History,
        number: Int,
        bells: AsyncStream<Void>,
        burst: Sight?,
        revision: Int,
        owed: Set<ServiceName>,
        programming: @escaping @Sendable () -> Programming
    ) {
        self.choice = choice
        self.history = history
        self.number = number
        self.bells = bells
        self.programming = programming
        state = Mutex(State(burst: burst.map { ($0, 0) }, owed: owed, revision: revision))
    }

    deinit { history.leave(number) }

    /// The client is gone.
    func abandon() {
        state.withLock { $0.isOver = true }
        history.leave(number)
    }

    /// The next lines; `nil` at the end.
    func next() async -> [UInt8]? {
        while true {
            switch step() {
            case .say(let bytes):
                let now = ContinuousClock.now
                state.withLock { state in
                    state.handedAt = now
                    state.spokeAt = now
                }
                return bytes
            case .wait:
                state.withLock { $0.handedAt = nil }
                for await _ in bells { break }
                if Task.isCancelled { return nil }
            case .end: return nil
            }
        }
    }

    private enum Step { case say([UInt8]), wait, end }

    private func step() -> Step {
        let now = ContinuousClock.now
        return state.withLock { state in
            if state.isOver { return .end }
            if history.isClosed { return Self.last(&state, .stopping) }
            if let handedAt = state.handedAt, now - handedAt > Self.patience {
                return Self.last(&state, .slowConsumer)
            }
            if let burst = state.burst { return tell(burst.sight, from: burst.step, &state) }
            return tellNews(&state, now)
        }
    }

    private static func last(_ state: inout State, _ end: WatchLine.End) -> Step {
        state.isOver = true
        return .say(WatchLine.error(end).bytes)
    }

    private func tell(_ sight: Sight, from start: Int, _ state: inout State) -> Step {
        var bytes: [UInt8] = []
        var step = start
        let programming = programming()
        let count = sight.count(choice)
        while step < count, bytes.count < Self.pieceBytes {
            for line in sight.lines(choice, at: step, programming: programming) {
                state.note(line)
                bytes += line.bytes
            }
            step += 1
        }
        state.burst = step < count ? (sight, step) : nil
        if step == count { bytes += WatchLine.bookmark(state.revision, endsBurst: true).bytes }
        return .say(bytes)
    }

    private func tellNews(_ state: inout State, _ now: ContinuousClock.Instant) -> Step {
        let programming = programming()
        var bytes: [UInt8] = []
        while bytes.count < Self.pieceBytes {
            guard let (changes, _) = history.changes(after: state.revision) else {
                return Self.last(&state, .slowConsumer)
            }
            guard let last = changes.last else { break }
            for change in changes {
                for line in change.lines(choice, after: state.revision, programming: programming) {
                    state.note(line)
                    bytes += line.bytes
                }
            }
            state.revision = last.last
        }
        if state.stamp != programming.stamp {
            state.stamp = programming.stamp
            state.due = programming.isEmpty ? [] : state.owed.sorted(by: >)
        }
        let sight = history.sight
        while bytes.count < Self.pieceBytes, let name = state.due.popLast() {
            guard state.owed.contains(name),
                let line = sight.line(of: name, programming: programming)
            else { continue }
            state.note(line)
            bytes += line.bytes
        }
        if bytes.isEmpty, now - state.spokeAt >= Self.silence {
            bytes = WatchLine.bookmark(state.revision).bytes
        }
        return bytes.isEmpty ? .wait : .say(bytes)
    }
}

extension Watcher.State {
    /// Remembers whether more is to be told of a service once the rules have it.
    fileprivate mutating func note(_ line: WatchLine) {
        guard case .service(let service)? = line.object,
            let name = ServiceName(
                namespace: service.metadata.namespace,
                name: service.metadata.name
            )
        else { return }
        if line.type != .deleted, service.condition("Programmed")?.isTrue == false {
            owed.insert(name)
        } else {
            owed.remove(name)
        }
    }
}
