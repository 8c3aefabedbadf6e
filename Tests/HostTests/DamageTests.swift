import Foundation
import Glibc
import Testing

@testable import Host

/// Whatever happens to the file, nothing that was confirmed is lost in silence.
@Suite(.timeLimit(.minutes(2)))
struct DamageTests {
    private func file(_ directory: String, _ end: String = "") -> URL {
        URL(fileURLWithPath: "\(directory)/state.sqlite\(end)")
    }

    /// Keys and values of the whole space, or `nil` where the file is refused as damaged.
    private func contents(_ directory: String) async throws -> [[UInt8]: [UInt8]]? {
        do throws(StoreError) {
            let rows = try await KeyedStore(directory: directory).read("s")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) })
        } catch {
            guard case .corrupt = error else { throw error }
            return nil
        }
    }

    private func rows(_ numbers: Range<Int>, value: UInt8 = 1) -> [KeyedStore.Change] {
        numbers.map { number in
            let key = [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
            return .put(space: "s", key: key, value: [UInt8](repeating: value, count: 90))
        }
    }

    /// A database as a kill leaves it: copied while its owner does nothing, the log beside it.
    private func image(_ directory: String) throws -> (main: Data, log: Data) {
        (try Data(contentsOf: file(directory)), try Data(contentsOf: file(directory, "-wal")))
    }

    /// A directory that holds such an image.
    private func with(
        main: Data,
        log: Data?,
        _ body: (String) async throws -> Void
    ) async throws {
        // Not the sandbox, which starts a program: there are hundreds of these.
        let directory = "/tmp/gvho-image-\(Entropy.number())"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: false
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try main.write(to: file(directory))
        try log?.write(to: file(directory, "-wal"))
        try await body(directory)
    }

    /// Two writes: the image between them, and the one after both.
    private func twoImages() async throws -> (
        first: (main: Data, log: Data), second: (main: Data, log: Data),
        before: [[UInt8]: [UInt8]], after: [[UInt8]: [UInt8]]
    ) {
        try await Sandbox.directory { directory in
            let store = try KeyedStore(directory: directory)
            try await store.write(rows(0..<100))
            let first = try image(directory)
            let before = try await store.read("s")
            try await store.write(rows(50..<130, value: 2))
            let after = try await store.read("s")
            return (
                first, try image(directory),
                Dictionary(uniqueKeysWithValues: before.map { ($0.key, $0.value) }),
                Dictionary(uniqueKeysWithValues: after.map { ($0.key, $0.value) })
            )
        }
    }

    @Test func `a flipped bit anywhere in the file is found, or harms nothing`() async throws {
        let images = try await twoImages()
        var found = 0
        for place in stride(from: 0, to: images.second.main.count, by: 149) {
            var main = images.second.main
            main[place] ^= UInt8(1 << (place % 8))
            try await with(main: main, log: nil) { directory in
                let contents: [[UInt8]: [UInt8]]?
                do {
                    contents = try await self.contents(directory)
                } catch StoreError.newer {
                    contents = nil  // The flipped bit is in the version.
                }
                #expect(contents == nil || contents == images.after, "bit at \(place)")
                if contents == nil {
                    found += 1
                    try #expect(Data(contentsOf: file(directory)) == main, "at \(place)")
                }
            }
        }
        #expect(found > 20, "of \(images.second.main.count / 37)")
    }

    @Test func `a flipped bit in the log loses nothing that was confirmed`() async throws {
        let images = try await twoImages()
        for place in stride(from: 0, to: images.second.log.count, by: 211) {
            var log = images.second.log
            log[place] ^= UInt8(1 << (place % 8))
            try await with(main: images.second.main, log: log) { directory in
                let contents = try await self.contents(directory)
                #expect(contents == images.after, "bit at \(place)")
            }
        }
    }

    @Test func `a write that a kill cut short was made as a whole, or not at all`() async throws {
        let images = try await twoImages()
        var seen: Set<Int> = []
        for length in stride(from: 0, through: images.second.log.count, by: 307) {
            let log = images.second.log.prefix(length)
            try await with(main: images.first.main, log: Data(log)) { directory in
                let contents = try await self.contents(directory)
                #expect(
                    contents == images.before || contents == images.after,
                    "log of \(length) bytes"
                )
                seen.insert(contents?.count ?? -1)
            }
        }
        #expect(seen == [100, 130])
    }

    @Test(arguments: 0..<20)
    func `pages that a kill left half copied are copied again`(seed: UInt64) async throws {
        let images = try await twoImages()
        let page = 4096
        var main = images.second.main
        for number in 0..<images.first.main.count / page where seed >> UInt64(number % 5) & 1 == 1 {
            let range = number * page..<(number + 1) * page
            main.replaceSubrange(range, with: images.first.main[range])
        }
        try await with(main: main, log: images.second.log) { directory in
            try await #expect(self.contents(directory) == images.after)
        }
    }

    @Test(arguments: [0, 1, 99, 512, 4096, 5000, 8192, 9000])
    func `a file that was cut off is refused and kept`(length: Int) async throws {
        let images = try await twoImages()
        let cut = images.second.main.prefix(length)
        try await with(main: cut, log: nil) { directory in
            try await #expect(self.contents(directory) == nil)
            try #expect(Data(contentsOf: file(directory)) == cut)
        }
    }

    @Test func `a log without its file is no fresh start`() async throws {
        let images = try await twoImages()
        try await Sandbox.directory { directory in
            try images.second.log.write(to: file(directory, "-wal"))
            try await #expect(self.contents(directory) == nil)
        }
    }

    @Test func `a database of somebody else is refused and kept`() async throws {
        try await Sandbox.directory { directory in
            _ = try KeyedStore(directory: directory)
            let path = "\(directory)/state.sqlite"
            try DatabaseBytes.overwrite(path, at: DatabaseBytes.userVersion, with: [0, 0, 0, 0])
            let before = try Data(contentsOf: file(directory))
            try await #expect(self.contents(directory) == nil)
            try #expect(Data(contentsOf: file(directory)) == before)
        }
    }

    @Test func `the message names the rows that changed, and the way on`() async throws {
        try await Sandbox.directory { directory in
            try await KeyedStore(directory: directory).write([
                .put(space: "wishes", key: Array("default/web".utf8), value: Array("a wish".utf8))
            ])
            try DatabaseBytes.spoil("\(directory)/state.sqlite", Array("a wish".utf8))
            let error = #expect(throws: StoreError.self) { try KeyedStore(directory: directory) }
            let words = error?.description ?? ""
            #expect(words.contains("\(directory)/state.sqlite is damaged"))
            #expect(words.contains("wishes default/web"))
            #expect(words.contains("Nothing was changed"))
            #expect(words.contains("--salvage"))
        }
    }

    @Test func `salvage keeps what is whole, tells what is not, and sets the file aside`()
        async throws
    {
        try await Sandbox.directory { directory in
            try await KeyedStore(directory: directory).write([
                .put(space: "a", key: [0x61], value: [1]),
                .put(space: "b", key: [0x62], value: Array("the second".utf8)),
                .put(space: "c", key: [0x63], value: [3]),
            ])
            try DatabaseBytes.spoil("\(directory)/state.sqlite", Array("the second".utf8))
            let damaged = try Data(contentsOf: file(directory))
            let store = try KeyedStore(directory: directory, salvaging: true)
            let aside = "\(directory)/state.sqlite.damaged-1"
            #expect(store.salvage == .init(aside: aside, kept: 2, lost: ["b b"]))
            try #expect(Data(contentsOf: URL(fileURLWithPath: aside)) == damaged)
            try await #expect(store.value("a", [0x61]) == [1])
            try await #expect(store.value("b", [0x62]) == nil)
            try await #expect(store.value("c", [0x63]) == [3])
        }
    }

    @Test func `salvage reads around a page that is gone`() async throws {
        try await Sandbox.directory { directory in
            try await KeyedStore(directory: directory).write(rows(0..<1000))
            var main = try Data(contentsOf: file(directory))
            let pages = main.count / 4096
            let middle = pages / 2 * 4096
            main.replaceSubrange(middle..<middle + 4096, with: Data(repeating: 0xa5, count: 4096))
            try main.write(to: file(directory))
            let store = try KeyedStore(directory: directory, salvaging: true)
            let kept = try await store.read("s")
            #expect(kept.count == store.salvage?.kept)
            // One page holds some forty of these rows.
            #expect((900..<1000).contains(kept.count))
            #expect(kept.allSatisfy { $0.value == [UInt8](repeating: 1, count: 90) })
        }
    }

    @Test func `nothing readable is salvaged as nothing, a second time too`() async throws {
        try await Sandbox.directory { directory in
            for number in 1...2 {
                try Data(repeating: 7, count: 9000).write(to: file(directory))
                let store = try KeyedStore(directory: directory, salvaging: true)
                let aside = "\(directory)/state.sqlite.damaged-\(number)"
                #expect(store.salvage == .init(aside: aside, kept: 0, lost: []))
                try await store.write(rows(0..<1))
            }
            let store = try KeyedStore(directory: directory, salvaging: true)
            #expect(store.salvage == nil)
            #expect(try await store.read("s").count == 1)
        }
    }
}
