import ControlAPI
import Host
import Registry
import Synchronization
import Translation
import Vocabulary

/// Keeps the kernel's rules as the newest view asks, and looks now and then whether they still
/// are.
///
/// When the agent stops, the rules stay.
final class TableKeeper: Sendable {
    private let iptables = Iptables()
    private let landlord: Landlord
    private let board: Board
    private let journal: Journal
    private let desk = Mutex(Desk())

    /// Questions that the keeper's own loop answers, between two writes.
    private struct Desk: Sendable {
        var verifiers: [CheckedContinuation<TableVerification?, Never>] = []
        var cleaners: [CheckedContinuation<TableCleanup?, Never>] = []
        var isClosed = false
    }

    /// How often the kernel is compared with what was written though nothing changed.
    static let inspectionPeriod = Duration.seconds(10)
    /// After a failure, how long until the next try.
    static let retryPeriod = Duration.seconds(2)

    init(board: Board, journal: Journal) {
        self.board = board
        self.journal = journal
        landlord = Landlord(journal: journal)
    }

    /// Works until the board closes or the task is cancelled.
    func run() async throws {
        var work = TableWork()
        defer { close() }
        try landlord.checkRights()
        let detection = try await iptables.detect()
        work.flavour = detection.flavour
        board.table = work.status()
        journal.inform("writes rules with iptables \(detection.version) (\(detection.flavour))")
        if let warning = detection.warning { journal.warn("GV2010", warning.description) }
        board.setTrouble(.host, landlord.openForwarding())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [board] in
                // The clock is only a further bell: one loop does all the work.
                while (try? await Task.sleep(for: Self.retryPeriod)) != nil { board.nudge() }
            }
            for await _ in board.news {
                await serve(&work)
                guard let order = board.tableOrder else { continue }
                await update(&work, to: order)
            }
            group.cancelAll()
        }
    }

    /// How the kernel's rules compare with what the view asks for; `nil` where nobody writes.
    func verify() async -> TableVerification? {
        await withCheckedContinuation { continuation in
            let isClosed = desk.withLock { desk -> Bool in
                guard !desk.isClosed else { return true }
                desk.verifiers.append(continuation)
                return false
            }
            if isClosed { continuation.resume(returning: nil) } else { board.nudge() }
        }
    }

    /// Removes all rules of ours, and writes none until the agent starts anew.
    func cleanUp() async -> TableCleanup? {
        await withCheckedContinuation { continuation in
            let isClosed = desk.withLock { desk -> Bool in
                guard !desk.isClosed else { return true }
                desk.cleaners.append(continuation)
                return false
            }
            if isClosed { continuation.resume(returning: nil) } else { board.nudge() }
        }
    }

    private func close() {
        let desk = self.desk.withLock { desk -> Desk in
            defer { desk = Desk(isClosed: true) }
            return desk
        }
        for asker in desk.verifiers { asker.resume(returning: nil) }
        for asker in desk.cleaners { asker.resume(returning: nil) }
    }

    private func serve(_ work: inout TableWork) async {
        let asked = desk.withLock { desk -> Desk in
            defer { desk = Desk() }
            return desk
        }
        for asker in asked.verifiers {
            asker.resume(returning: await compare(work))
        }
        for asker in asked.cleaners {
            let removed = try? await TableAtRest.cleanUp(iptables)
            work.isSuspended = true
            work.written = nil
            board.table = work.status(error: "the rules were removed by `grapevine table cleanup`")
            board.setTrouble(
                .table,
                "the rules were removed by `grapevine table cleanup`: restart the agent to have "
                    + "them again"
            )
            asker.resume(returning: removed)
        }
    }

    private func compare(_ work: TableWork) async -> TableVerification? {
        guard let wanted = work.wanted,
            let found = try? await TableAtRest.read(iptables)
        else { return nil }
        let differences = wanted.drift(in: found).map(\.description)
        return TableVerification(
            matches: differences.isEmpty,
            flavour: work.flavour.rawValue,
            differences: differences
        )
    }

    /// Brings the kernel to what is ordered.
    private func update(_ work: inout TableWork, to order: TableOrder) async {
        // Before a node has met anybody, or remembered, it knows nothing worth writing.
        guard order.isReady, !work.isSuspended else { return }
        let ranges = order.view.ranges.serviceRanges(of: .v4)
        let now = MonotonicClock.now()
        if work.shouldLookAtRoute(at: now) {
            var trouble: String?
            for range in ranges where trouble == nil {
                trouble = await landlord.openRoute(to: range, near: order.address)
            }
            board.setTrouble(.route, trouble)
            if let trouble, trouble.contains("NOT installed") {
                board.table = work.status(error: trouble)
                return
            }
        }
        guard work.isDue(order, at: now) else { return }
        do {
            try await work.write(order, with: iptables, at: now)
            for refusal in work.refusals { journal.warn("GV2020", refusal) }
            for drift in work.lastDrift {
                journal.count("grapevine_dataplane_drift_repairs_total")
                journal.warn("GV2021", "\(drift): somebody changed our rules; they are repaired")
            }
            board.table = work.status()
            board.setTrouble(.table, work.refusals.first)
            journal.gauge("grapevine_dataplane_rules", to: Double(work.written?.ruleCount ?? 0))
        } catch {
            work.fail(at: now)
            let words = "\(error)"
            journal.count("grapevine_dataplane_sync_failures_total")
            journal.fail("table", words)
            board.table = work.status(error: words)
            board.setTrouble(.table, words)
        }
    }
}
