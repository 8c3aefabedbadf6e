import ControlAPI
import Gossip
import Registry
import Synchronization
import Vocabulary

/// Remembers what happened lately, and wakes those who watch.
final class History: Sendable {
    private struct State: Sendable {
        var log: ChangeLog
        var bells: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastWatcher = 0
        var isClosed = false
        /// How many endpoints each node has in these services.
        private var counted: (services: [ServiceView], counts: [NodeID: Int]) = ([], [:])

        /// Most publications are of the same view, a second later: then nothing is counted again.
        mutating func endpointCounts(of publication: Publication) -> [NodeID: Int] {
            if !publication.view.services.isCopy(of: counted.services) {
                counted = (publication.view.services, publication.endpointCounts)
            }
            return counted.counts
        }

        init(log: ChangeLog) { self.log = log }
    }

    /// How many may watch at once, over all doors together: each costs a connection and, while it is
    /// told what there is, a view.
    static let mostWatchers = 64

    private let state: Mutex<State>

    /// Revisions begin at the moment of the start, in microseconds, so that those of two runs differ.
    init(startedAt now: WallTime, limit: Int = ChangeLog.usualLimit) {
        let start = Int(clamping: now.milliseconds) * 1000
        state = Mutex(State(log: ChangeLog(start: start, limit: limit)))
    }

    /// What happened last has it.
    var revision: Int { state.withLock { $0.log.revision } }

    /// What was seen last.
    var sight: Sight { state.withLock { $0.log.sight } }

    var watcherCount: Int { state.withLock { $0.bells.count } }

    /// Looks at each publication until the task is cancelled, and wakes those who watch now and
    /// then though nothing happened, so that they notice clients that are gone.
    func follow(_ board: Board, now: @escaping @Sendable () -> Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var tableChanges = 0
                for await _ in board.sights {
                    guard let publication = board.publication else { continue }
                    self.look(at: publication, now())
                    // Some watch for what is in the rules.
                    let changes = board.tableChanges
                    if changes != tableChanges { self.ring() }
                    tableChanges = changes
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Watcher.silence)
                    self.ring()
                }
            }
            await group.waitForAll()
        }
    }

    private func look(at publication: Publication, _ now: Instant) {
        let counts = state.withLock { $0.endpointCounts(of: publication) }
        let members = MemberList(publication, endpoints: counts, at: now).items
        look(at: Sight(publication.view, members: members))
    }

    /// Notes what is new, and wakes those who watch.
    func look(at sight: Sight) {
        if state.withLock({ $0.log.look(at: sight) }) { ring() }
    }

    /// Wakes those who watch, to see whether there is something for them.
    func ring() {
        for bell in state.withLock({ Array($0.bells.values) }) { bell.yield() }
    }

    /// Ends all watches: the agent stops.
    func close() {
        let bells = state.withLock { state in
            state.isClosed = true
            return Array(state.bells.values)
        }
        for bell in bells { bell.yield() }
    }

    /// What came of the wish to watch.
    enum Opening: Sendable {
        case opened(Watcher)
        /// One cannot go on from there, but from these.
        case gone(from: Int, oldest: Int, newest: Int)
        case full(limit: Int)
        case stopping
    }

    /// Begins a watch, with all there is, or where somebody was.
    func open(
        _ kind: WatchKind,
        namespace: String?,
        from revision: Int?,
        programming: @escaping @Sendable () -> Programming
    ) -> Opening {
        let (bells, bell) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        return state.withLock { state in
            let log = state.log
            if state.isClosed { return .stopping }
            if let revision, !(log.oldest...log.revision).contains(revision) {
                return .gone(from: revision, oldest: log.oldest, newest: log.revision)
            }
            guard state.bells.count < Self.mostWatchers else {
                return .full(limit: Self.mostWatchers)
            }
            state.lastWatcher += 1
            let number = state.lastWatcher
            state.bells[number] = bell
            let choice = WatchChoice(kind: kind, namespace: namespace)
            let owed = revision.map { log.owed(choice, upTo: $0, programming: programming()) }
            return .opened(
                Watcher(
                    choice,
                    history: self,
                    number: number,
                    bells: bells,
                    burst: revision == nil ? log.sight : nil,
                    revision: revision ?? log.revision,
                    owed: owed ?? [],
                    programming: programming
                )
            )
        }
    }

    /// What happened after a revision, a part of it; `nil` where some of it is forgotten.
    func changes(after revision: Int) -> (list: [ChangeLog.Change], newest: Int)? {
        state.withLock { state in
            state.log.changes(after: revision, atMost: 64).map { ($0, state.log.revision) }
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Forgets somebody who watched.
    func leave(_ number: Int) {
        let bell = state.withLock { $0.bells.removeValue(forKey: number) }
        bell?.finish()
    }
}
