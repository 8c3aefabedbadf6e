import ControlAPI
import Host
import Registry
import Synchronization
import Translation
import Vocabulary

/// Keeps the kernel's rules as the newest view asks, sees when somebody changes them, and puts
/// them right.
///
/// One loop does all the work, on its own: whatever it waits for, a lock or a slow program, the
/// node gossips on, and what is newest when it is done is written next. When the agent stops, the
/// rules stay.
final class TableKeeper: Sendable {
    let landlord: Landlord
    let board: Board
    let journal: Journal
    let freezeMark: FreezeMark
    /// Where this machine answers for the health of services.
    let health: HealthPorts
    private let desk = Mutex(TableDesk())
    private let alarm: Alarm

    init(board: Board, health: HealthPorts, journal: Journal, freezeMark: FreezeMark) {
        self.board = board
        self.health = health
        self.journal = journal
        self.freezeMark = freezeMark
        landlord = Landlord(journal: journal)
        alarm = Alarm { board.nudge() }
    }

    /// Works until the board closes or the task is cancelled.
    func run() async throws {
        defer { close() }
        try landlord.checkRights()
        var shift = TableShift(
            landlord: landlord,
            board: board,
            health: health,
            journal: journal
        )
        shift.isFrozen = freezeMark.isThere
        try await shift.detect()
        let signs = ChangeSigns(shift.flavour) { [board] in board.nudge() }
        defer { signs.close() }
        board.nudge()
        var heap = HeapPlan()
        for await _ in board.news {
            let questions = desk.withLock { $0.takeAll() }
            for question in questions where question.isChange {
                await answer(question, &shift, nil)
            }
            let now = MonotonicClock.now()
            shift.heed(signs, at: now)
            if let change = board.takeChange() { shift.queue(since: change) }
            let order = board.tableOrder
            if let order {
                let before = shift.generation
                await shift.work(on: order, at: now)
                if shift.generation != before { signs.pass(shift.families) }
            }
            // Of the newest, that is: who applies and asks then is not told of the time before.
            for question in questions where !question.isChange {
                await answer(question, &shift, order)
            }
            if heap.isDue(after: MonotonicClock.now() - now) { Heap.giveBack() }
            let poll = signs.period.map { MonotonicClock.now() + $0 } ?? .never
            alarm.set(at: min(shift.nextDeadline(after: MonotonicClock.now()), poll))
        }
        alarm.set(at: .never)
    }

    // MARK: Questions

    /// How the kernel's rules compare with what the view asks for; `nil` where nobody writes.
    func verify() async -> TableVerification? { await ask { .verify($0) } }

    /// What would be written now; `nil` where nobody writes, or the kernel cannot be read.
    func difference() async -> TableDifference? { await ask { .difference($0) } }

    /// Removes all rules of ours, and writes none until the agent starts anew.
    func cleanUp() async -> TableCleanup? { await ask { .cleanUp($0) } }

    /// Begins or ends a time in which nothing is written; `nil` where that could not be noted.
    func freeze(_ isFrozen: Bool) async -> FreezeReply? { await ask { .freeze(isFrozen, $0) } }

    private func ask<Answer: Sendable>(
        _ question: (CheckedContinuation<Answer?, Never>) -> TableDesk.Question
    ) async -> Answer? {
        await withCheckedContinuation { continuation in
            if desk.withLock({ $0.put(question(continuation)) }) {
                board.nudge()
            } else {
                continuation.resume(returning: nil)
            }
        }
    }

    private func close() {
        for question in desk.withLock({ $0.close() }) { question.turnDown() }
    }

    private func answer(
        _ question: TableDesk.Question,
        _ shift: inout TableShift,
        _ order: TableOrder?
    ) async {
        switch question {
        case .verify(let asker): asker.resume(returning: await shift.verify(order))
        case .difference(let asker): asker.resume(returning: await shift.difference(order))
        case .cleanUp(let asker): asker.resume(returning: await shift.cleanUp())
        case .freeze(let isFrozen, let asker):
            do {
                if isFrozen { try freezeMark.put() } else { try freezeMark.remove() }
                shift.freeze(isFrozen)
                asker.resume(returning: FreezeReply(frozen: isFrozen))
            } catch {
                journal.fail("freeze", "\(error)")
                asker.resume(returning: nil)
            }
        }
    }
}
