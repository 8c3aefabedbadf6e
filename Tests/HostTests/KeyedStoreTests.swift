import Foundation
import Glibc
import Host
import Testing

@Suite(.timeLimit(.minutes(1)))
struct KeyedStoreTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func overwrite(_ path: String, at offset: UInt64, with bytes: [UInt8]) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    @Test func `what was written is read back in the order of its keys`() async throws {
        try await Sandbox.directory { directory in
            let store = try KeyedStore(directory: directory)
            try await store.write([
                .put(space: "a", key: [2], value: [20]),
                .put(space: "a", key: [1, 255], value: []),
                .put(space: "a", key: [1], value: [10]),
                .put(space: "b", key: [1], value: [99]),
                .put(space: "a", key: [2], value: [21]),
            ])
            let entries = try await store.read("a")
            #expect(entries.map(\.key) == [[1], [1, 255], [2]])
            #expect(entries.map(\.value) == [[10], [], [21]])
            try await #expect(store.value("b", [1]) == [99])
            try await #expect(store.value("a", [1, 255]) == [])
            try await #expect(store.value("b", [2]) == nil)

            try await store.write([.remove(space: "a", key: [1]), .remove(space: "c", key: [])])
            try await #expect(store.read("a").map(\.key) == [[1, 255], [2]])
        }
    }

    @Test func `a write in a task that is cancelled is done all the same`() async throws {
        try await Sandbox.directory { directory in
            let store = try KeyedStore(directory: directory)
            let task = Task {
                // Not before it is cancelled.
                while !Task.isCancelled { await Task.yield() }
                try await store.write([.put(space: "a", key: [1], value: [2])])
            }
            task.cancel()
            try await task.value
            try await #expect(store.value("a", [1]) == [2])
        }
    }

    @Test func `what was written is there after a restart`() async throws {
        try await Sandbox.directory { directory in
            try await KeyedStore(directory: directory).write([
                .put(space: "s", key: [1], value: [2])
            ])
            let again = try KeyedStore(directory: directory)
            try await #expect(again.value("s", [1]) == [2])
        }
    }

    @Test func `directory and files are for the owner alone`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/var/data"
            let store = try KeyedStore(directory: path)
            try await store.write([.put(space: "s", key: [1], value: [2])])
            try #expect(mode(path) == 0o700)
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            #expect(names.count >= 3, "\(names)")
            for name in names { try #expect(mode("\(path)/\(name)") == 0o600, "\(name)") }
            #expect(store.path == "\(path)/state.sqlite")
        }
    }

    @Test func `a second store in one directory is refused with the pid of the first`() async throws
    {
        try await Sandbox.directory { directory in
            let first = try KeyedStore(directory: directory)
            let expected = StoreError.inUse(directory: directory, pid: getpid())
            let error = #expect(throws: expected) { try KeyedStore(directory: directory) }
            #expect(error?.description.contains("another agent (pid \(getpid()))") == true)
            try await first.write([.put(space: "s", key: [1], value: [2])])
        }
    }

    @Test func `a file that is no database is reported and kept`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/state.sqlite"
            let garbage = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try garbage.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: StoreError.self) { try KeyedStore(directory: directory) }
            guard case .corrupt(path, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.description.contains("Nothing was changed") == true)
            try #expect(Data(contentsOf: URL(fileURLWithPath: path)) == garbage)
        }
    }

    @Test func `a page that was damaged on the disk is found when the store is opened`()
        async throws
    {
        try await Sandbox.directory { directory in
            let path = try await filled(directory, keys: 400)
            try overwrite(path, at: 3 * 4096, with: [UInt8](repeating: 0xa5, count: 4096))
            let error = #expect(throws: StoreError.self) { try KeyedStore(directory: directory) }
            guard case .corrupt(path, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `the file of a later version is refused and kept`() async throws {
        try await Sandbox.directory { directory in
            let path = try await filled(directory, keys: 1)
            // The user version, in SQLite's own header (sqlite.org/fileformat.html, section 1.3).
            try overwrite(path, at: 60, with: [0, 0, 0, 9])
            let expected = StoreError.newer(path, found: 9, supported: 2)
            let error = #expect(throws: expected) { try KeyedStore(directory: directory) }
            #expect(error?.description.contains("Upgrade") == true)
        }
    }

    @Test(.enabled(if: Sandbox.isRoot))
    func `a full disk refuses the whole batch, and what was there stays readable`() async throws {
        try await Sandbox.disk(kibibytes: 400) { disk in
            let store = try KeyedStore(directory: "\(disk)/data")
            try await store.write([.put(space: "s", key: [0], value: [1])])
            let large = [UInt8](repeating: 7, count: 300 << 10)
            await #expect(throws: StoreError.full(store.path)) {
                try await store.write([
                    .put(space: "s", key: [1], value: [1]),
                    .put(space: "s", key: [2], value: large),
                    .put(space: "s", key: [3], value: large),
                ])
            }
            try await #expect(store.read("s").map(\.key) == [[0]])
            #expect(StoreError.full(store.path).description.contains("df -h \(store.path)"))
        }
    }

    @Test(.enabled(if: Sandbox.isRoot))
    func `no room for a new store is said in the same way`() async throws {
        try await Sandbox.disk(kibibytes: 16) { disk in
            try Data(count: 12 << 10).write(to: URL(fileURLWithPath: "\(disk)/ballast"))
            let error = #expect(throws: StoreError.self) { try KeyedStore(directory: "\(disk)/d") }
            guard case .full = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(.enabled(if: Sandbox.isRoot))
    func `a read-only disk is a matter of permission`() async throws {
        try await Sandbox.disk(kibibytes: 400) { disk in
            try await Sandbox.require("mount", ["-o", "remount,ro", disk])
            #expect(throws: StoreError.denied("\(disk)/data")) {
                try KeyedStore(directory: "\(disk)/data")
            }
        }
    }

    /// Leaves a closed store with some keys of 100 bytes behind; all its pages are in one file.
    private func filled(_ directory: String, keys: Int) async throws -> String {
        let store = try KeyedStore(directory: directory)
        try await store.write(
            (0..<keys).map { number in
                let key = [
                    UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
                ]
                return .put(space: "s", key: key, value: [UInt8](repeating: 1, count: 100))
            }
        )
        return store.path
    }
}
