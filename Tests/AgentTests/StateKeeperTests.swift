import Foundation
import Host
import Testing
import Vocabulary

@testable import Agent

/// What the node did of its own accord is owed to a disk that refused it.
@Suite(.enabled(if: Privilege.isRoot, "only root can make a small disk"), .timeLimit(.minutes(1)))
struct StateKeeperTests {
    private let large = [UInt8](repeating: 1, count: 2000)

    private func with(
        _ body: (inout StateKeeper, KeyedStore, Board, String) async throws -> Void
    ) async throws {
        try await SmallDisk.with(kibibytes: 400) { disk in
            let store = try KeyedStore(directory: "\(disk)/data")
            let board = Board { WallClock.now() }
            var keeper = StateKeeper(store, board: board, journal: Overheard().journal)
            try await body(&keeper, store, board, disk)
        }
    }

    private func put(_ key: UInt8, _ value: [UInt8]) -> KeyedStore.Change {
        .put(space: "wishes", key: [key], value: value)
    }

    /// Changes until the disk refuses one.
    private func exhaust(_ keeper: inout StateKeeper, asWish: Bool) async -> UInt8 {
        for number in UInt8(1)...200
        where await keeper.write([put(number, large)], asWish: asWish) != nil {
            return number
        }
        return 0
    }

    @Test func `a wish that is refused leaves no debt, and the trouble ends by itself`()
        async throws
    {
        try await with { keeper, store, board, disk in
            let filler = SmallDisk.fill(disk)
            let refused = await exhaust(&keeper, asWish: true)
            #expect(refused > 0)
            #expect(keeper.isSettled)
            #expect(board.troubles.first?.contains("no room left") == true)
            try FileManager.default.removeItem(atPath: filler)
            await keeper.retry(at: .zero + .seconds(1))
            #expect(board.troubles == [])
            try await #expect(store.value("wishes", [refused]) == nil)
        }
    }

    @Test func `what the node owes is written when there is room, in its newest form`()
        async throws
    {
        try await with { keeper, store, board, disk in
            let filler = SmallDisk.fill(disk)
            let refused = await exhaust(&keeper, asWish: false)
            _ = await keeper.write([put(refused, [3])], asWish: false)
            #expect(!keeper.isSettled)
            await keeper.retry(at: .zero + .seconds(1))
            #expect(!keeper.isSettled, "the disk is still full")
            try FileManager.default.removeItem(atPath: filler)
            await keeper.retry(at: .zero + .seconds(2))
            #expect(!keeper.isSettled, "it is tried every two seconds")
            await keeper.retry(at: .zero + .seconds(3))
            #expect(keeper.isSettled)
            #expect(board.troubles == [])
            try await #expect(store.value("wishes", [refused]) == [3])
        }
    }

    @Test func `the next wish takes the debt along`() async throws {
        try await with { keeper, store, board, disk in
            let filler = SmallDisk.fill(disk)
            let refused = await exhaust(&keeper, asWish: false)
            try FileManager.default.removeItem(atPath: filler)
            #expect(await keeper.write([put(0, [1])], asWish: true) == nil)
            #expect(keeper.isSettled)
            #expect(board.troubles == [])
            try await #expect(store.value("wishes", [refused]) == large)
            try await #expect(store.value("wishes", [0]) == [1])
        }
    }
}
