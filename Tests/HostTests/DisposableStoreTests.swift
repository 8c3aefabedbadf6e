import Foundation
import Host
import Testing

/// What may be lost never stands in the way.
@Suite(.timeLimit(.minutes(1)))
struct DisposableStoreTests {
    private func put(_ number: UInt8) -> KeyedStore.Change {
        .put(space: "s", key: [number], value: [number])
    }

    @Test func `what was written is there after a restart`() async throws {
        try await Sandbox.directory { directory in
            for number in UInt8(0)..<3 {
                let store = DisposableStore(beside: try KeyedStore(directory: directory))
                let contents = try await store.read("s")
                #expect(contents.rows.map(\.value) == (0..<number).map { [$0] })
                #expect(contents.damage == nil)
                try await store.write([put(number)])
            }
        }
    }

    @Test(arguments: [0, 1, 40, 4096, 9000])
    func `a file that is none is made anew, and the reason is told`(length: Int) async throws {
        try await Sandbox.directory { directory in
            let owner = try KeyedStore(directory: directory)
            let path = "\(directory)/snapshot.sqlite"
            try Data(repeating: 0x47, count: length).write(to: URL(fileURLWithPath: path))
            let store = DisposableStore(beside: owner)
            let contents = try await store.read("s")
            #expect(contents.rows.isEmpty)
            #expect((contents.damage != nil) == (length > 0))
            try await store.write([put(1)])
            try await #expect(store.read("s").rows.count == 1)
        }
    }

    @Test func `a row that changed on the disk is left out and named`() async throws {
        try await Sandbox.directory { directory in
            let owner = try KeyedStore(directory: directory)
            let words = Array("the second".utf8)
            try await DisposableStore(beside: owner).write([
                put(1), .put(space: "s", key: [2], value: words), put(3),
            ])
            let store = DisposableStore(beside: owner)
            try DatabaseBytes.spoil(store.path, words)
            let contents = try await store.read("s")
            #expect(contents.rows.map(\.key) == [[1], [3]])
            #expect(contents.garbled == [[2]])
        }
    }

    @Test func `the file of a later version is not touched`() async throws {
        try await Sandbox.directory { directory in
            let owner = try KeyedStore(directory: directory)
            try await DisposableStore(beside: owner).write([put(1)])
            let store = DisposableStore(beside: owner)
            let place = DatabaseBytes.userVersion
            try DatabaseBytes.overwrite(store.path, at: place, with: [0, 0, 0, 9])
            let before = try Data(contentsOf: URL(fileURLWithPath: store.path))
            await #expect(throws: StoreError.newer(store.path, found: 9, supported: 2)) {
                try await store.read("s")
            }
            try #expect(Data(contentsOf: URL(fileURLWithPath: store.path)) == before)
        }
    }

    @Test(.enabled(if: Sandbox.isRoot))
    func `a full disk refuses a batch, and takes it when there is room again`() async throws {
        try await Sandbox.disk(kibibytes: 200) { disk in
            let store = DisposableStore(beside: try KeyedStore(directory: "\(disk)/data"))
            let ballast = URL(fileURLWithPath: "\(disk)/ballast")
            try Data().write(to: ballast)
            let file = try FileHandle(forWritingTo: ballast)
            while (try? file.write(contentsOf: Data(count: 4096))) != nil {}
            try file.close()
            await #expect(throws: StoreError.full(store.path)) { try await store.write([put(1)]) }
            try FileManager.default.removeItem(at: ballast)
            try await store.write([put(1)])
            try await #expect(store.read("s").rows.count == 1)
        }
    }

    /// The figure of the start: `swift test -c release --filter forty` prints it.
    @Test func `forty thousand records are read back`() async throws {
        try await Sandbox.directory { directory in
            let owner = try KeyedStore(directory: directory)
            let clock = ContinuousClock()
            let writing = try await clock.measure {
                let store = DisposableStore(beside: owner)
                for start in stride(from: 0, to: 40_000, by: 1024) {
                    try await store.write(
                        (start..<min(start + 1024, 40_000)).map { number in
                            var key = [UInt8](repeating: 0, count: 29)
                            withUnsafeBytes(of: (UInt64(number) &* 0x9e37_79b9_7f4a_7c15)) {
                                key.replaceSubrange(1..<9, with: $0)
                            }
                            let value = [UInt8](repeating: UInt8(number & 0xff), count: 400)
                            return .put(space: "s", key: key, value: value)
                        }
                    )
                }
            }
            let store = DisposableStore(beside: owner)
            var count = 0
            let reading = try await clock.measure { count = try await store.read("s").rows.count }
            #expect(count == 40_000)
            print("40,000 records of 400 bytes: written in \(writing), read in \(reading)")
        }
    }
}
