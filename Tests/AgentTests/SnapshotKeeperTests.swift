import Foundation
import Host
import Testing

@testable import Agent

/// What others said goes to the disk behind the loop's back.
@Suite(.timeLimit(.minutes(2)))
struct SnapshotKeeperTests {
    private func keeper(
        _ store: DisposableStore,
        _ overheard: Overheard = Overheard()
    ) -> SnapshotKeeper {
        SnapshotKeeper(
            store,
            journal: overheard.journal,
            gathering: .milliseconds(1),
            patience: .milliseconds(20)
        )
    }

    /// Runs a keeper to its end, and closes it when the body ends.
    private func run(
        _ keeper: SnapshotKeeper,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { await keeper.run() }
            defer { keeper.close() }
            try await body()
            keeper.close()
            try await group.waitForAll()
        }
    }

    private func rows(_ store: DisposableStore) async throws -> [[UInt8]: [UInt8]] {
        let rows = try await store.read("records").rows
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) })
    }

    @Test func `of several values of one key the newest is written`() async throws {
        try await SmallDisk.directory { directory in
            let store = DisposableStore(beside: try KeyedStore(directory: directory))
            let keeper = keeper(store)
            keeper.put([1], [1])
            keeper.put([2], [2])
            keeper.put([1], [3])
            keeper.put([2], nil)
            #expect(keeper.backlog == 2)
            try await run(keeper) {}
            try await #expect(rows(store) == [[1]: [3]])
        }
    }

    @Test func `what waits when it is closed is written still`() async throws {
        try await SmallDisk.directory { directory in
            let store = DisposableStore(beside: try KeyedStore(directory: directory))
            let keeper = keeper(store)
            for number in 0..<5000 { keeper.put([UInt8(number >> 8), UInt8(number & 255)], [1]) }
            keeper.close()
            await keeper.run()
            #expect(keeper.backlog == 0)
            try await #expect(rows(store).count == 5000)
        }
    }

    @Test func `a key too many is dropped and counted, and no other suffers`() async throws {
        try await SmallDisk.directory { directory in
            let overheard = Overheard()
            let journal = overheard.journal
            let keeper = SnapshotKeeper(
                DisposableStore(beside: try KeyedStore(directory: directory)),
                journal: journal,
                limit: 3
            )
            for number in UInt8(0)..<5 { keeper.put([number], [number]) }
            keeper.put([0], [9])
            #expect(keeper.backlog == 3)
            #expect(journal.metrics.text.contains("grapevine_snapshot_dropped_total 2"))
        }
    }

    @Test(.enabled(if: Privilege.isRoot, "only root can make a small disk"))
    func `a full disk is said once, and caught up with when there is room`() async throws {
        try await SmallDisk.with(kibibytes: 400) { disk in
            let store = DisposableStore(beside: try KeyedStore(directory: "\(disk)/data"))
            try await store.write([.put(space: "records", key: [0], value: [0])])
            let overheard = Overheard()
            let keeper = keeper(store, overheard)
            let filler = SmallDisk.fill(disk)
            let large = [UInt8](repeating: 1, count: 2000)
            try await run(keeper) {
                for number in UInt8(1)..<50 { keeper.put([number], large) }
                try await eventually("it is said") { !overheard.lines.isEmpty }
                // It tries again and again meanwhile, and newer values take the older ones' place.
                try await Task.sleep(for: .milliseconds(200))
                keeper.put([1], [7])
                keeper.put([0], nil)
                try FileManager.default.removeItem(atPath: filler)
                try await eventually("all is written") { keeper.backlog == 0 }
            }
            let rows = try await rows(store)
            #expect(rows.count == 49)
            #expect(rows[[1]] == [7])
            #expect(rows[[2]] == large)
            #expect(overheard.lines.count == 1, "\(overheard.lines)")
            #expect(overheard.lines.first?.contains("no room left") == true)
        }
    }
}
