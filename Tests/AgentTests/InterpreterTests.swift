import Foundation
import Host
import Registry
import Sodium
import Testing
import Vocabulary

@testable import Agent
@testable import Gossip

/// What is durable before anything else happens, and what nobody waits for.
@Suite(.timeLimit(.minutes(1)))
struct InterpreterTests {
    /// An interpreter, and what it writes to; nothing runs beside it.
    private func with(
        _ directory: String,
        _ body: (inout Interpreter, SnapshotKeeper, KeyedStore) async throws -> Void
    ) async throws {
        let store = try KeyedStore(directory: "\(directory)/data")
        let board = Board { WallClock.now() }
        let journal = Overheard().journal
        let snapshot = SnapshotKeeper(DisposableStore(beside: store), journal: journal)
        let socket = try await UDPSocket.bind(to: PeerAddress(.v4(0x7f00_0001), port: 0))
        var interpreter = Interpreter(
            socket: socket,
            state: StateKeeper(store, board: board, journal: journal),
            snapshot: snapshot,
            voucher: Voucher(SigningKey.generate()),
            board: board,
            journal: journal
        )
        do {
            try await body(&interpreter, snapshot, store)
        } catch {
            await socket.close()
            throw error
        }
        await socket.close()
    }

    private func effects(_ effects: Effect...) -> Effects {
        var list = Effects()
        for effect in effects { list.append(effect) }
        return list
    }

    private func change(_ space: DiskChange.Space, _ number: Int, bytes: Int = 400) -> DiskChange {
        DiskChange(
            space: space,
            key: [UInt8(number >> 8), UInt8(number & 255)],
            value: [UInt8](repeating: 1, count: bytes)
        )
    }

    private func isSecured(_ events: [Event], _ incarnation: UInt64) -> Bool {
        guard events.count == 1, case .secured(incarnation) = events[0] else { return false }
        return true
    }

    @Test func `wishes and offers are on the disk when the effects are carried out`()
        async throws
    {
        try await SmallDisk.directory { directory in
            try await with(directory) { interpreter, snapshot, store in
                let changes = [change(.wishes, 1), change(.offers, 2)]
                _ = await interpreter.perform(effects(.persist(changes)), asWish: true)
                try await #expect(store.read(SavedState.wishSpace).count == 1)
                try await #expect(store.read(SavedState.offerSpace).count == 1)
                #expect(snapshot.backlog == 0)
            }
        }
    }

    @Test func `ten thousand records of others keep nobody waiting`() async throws {
        try await SmallDisk.directory { directory in
            try await with(directory) { interpreter, snapshot, store in
                let changes = (0..<10_000).map { change(.records, $0) }
                _ = await interpreter.perform(effects(.persist(changes)), asWish: false)
                // Nobody writes them yet, and the loop is past them.
                #expect(snapshot.backlog == 10_000)
                try await #expect(store.read(SavedState.recordSpace).isEmpty)
            }
        }
    }

    @Test(.enabled(if: Privilege.isRoot, "only root can make a small disk"))
    func `an incarnation counts once it is on the disk, though the disk was full`() async throws {
        try await SmallDisk.with(kibibytes: 400) { disk in
            try await with(disk) { interpreter, _, store in
                let filler = SmallDisk.fill(disk)
                // The log may have room for one small row still.
                let large = change(.wishes, 1, bytes: 30_000)
                _ = await interpreter.perform(effects(.persist([large])), asWish: false)
                let result = await interpreter.perform(
                    effects(.secure(incarnation: 7)),
                    asWish: false
                )
                #expect(result.events.isEmpty)
                #expect(!result.failed, "nobody asked for it")
                #expect(await interpreter.retry(at: .zero + .seconds(1)).isEmpty)
                try FileManager.default.removeItem(atPath: filler)
                let events = await interpreter.retry(at: .zero + .seconds(9))
                #expect(isSecured(events, 7))
                let key = Array("incarnation".utf8)
                try await #expect(
                    store.value(SavedState.factSpace, key) == [0, 0, 0, 0, 0, 0, 0, 7]
                )
                #expect(await interpreter.retry(at: .zero + .seconds(20)).isEmpty)
            }
        }
    }

    @Test func `an incarnation that the disk takes counts at once`() async throws {
        try await SmallDisk.directory { directory in
            try await with(directory) { interpreter, _, _ in
                let result = await interpreter.perform(
                    effects(.secure(incarnation: 7)),
                    asWish: false
                )
                #expect(isSecured(result.events, 7))
            }
        }
    }
}
