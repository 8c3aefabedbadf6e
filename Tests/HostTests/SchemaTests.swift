import Foundation
import Host
import Testing

/// Files of earlier and later versions.
@Suite(.timeLimit(.minutes(1)))
struct SchemaTests {
    private func old(_ body: (String) async throws -> Void) async throws {
        try await Sandbox.directory { directory in
            try FirstSchema.file.write(to: URL(fileURLWithPath: "\(directory)/state.sqlite"))
            try await body(directory)
        }
    }

    @Test func `a file of the first schema is read, all of it`() async throws {
        try await old { directory in
            let store = try KeyedStore(directory: directory)
            let web = Array("default/web".utf8)
            try await #expect(store.read("wishes").map(\.key) == [web])
            try await #expect(store.read("wishes").first?.value.count == 58)
            try await #expect(store.read("offers").map(\.value.count) == [47])
            try await #expect(store.read("records").map(\.value.count) == [315, 114, 169])
            try await #expect(store.value("identity", Array("incarnation".utf8))?.count == 8)
        }
    }

    @Test func `it becomes a file of this schema, once`() async throws {
        try await old { directory in
            var contents: [[[UInt8]]] = []
            for _ in 0..<2 {
                let store = try KeyedStore(directory: directory)
                contents.append(try await store.read("wishes").map(\.value))
            }
            #expect(contents[0] == contents[1])
            let file = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/state.sqlite"))
            let place = DatabaseBytes.userVersion
            #expect(Array(file[place..<place + 4]) == [0, 0, 0, 2])
        }
    }

    @Test(.enabled(if: Sandbox.isRoot))
    func `without room for it, an old file stays as it is`() async throws {
        try await Sandbox.disk(kibibytes: 32) { disk in
            let path = "\(disk)/state.sqlite"
            try FirstSchema.file.write(to: URL(fileURLWithPath: path))
            let ballast = Data(count: 16 << 10)
            try ballast.write(to: URL(fileURLWithPath: "\(disk)/ballast"))
            let error = #expect(throws: StoreError.self) { try KeyedStore(directory: disk) }
            #expect(error == .full(path) || error == .full("\(disk)/lock"))
            try #expect(Data(contentsOf: URL(fileURLWithPath: path)) == FirstSchema.file)
            try FileManager.default.removeItem(atPath: "\(disk)/ballast")
            try await Sandbox.require("mount", ["-o", "remount,size=400k", disk])
            try await #expect(KeyedStore(directory: disk).read("wishes").count == 1)
        }
    }

    @Test func `the file of a later version is refused, and not one byte of it changes`()
        async throws
    {
        try await Sandbox.directory { directory in
            let path = "\(directory)/state.sqlite"
            _ = try KeyedStore(directory: directory)
            // As a later version may leave it: with a rollback journal instead of a log.
            try DatabaseBytes.overwrite(path, at: DatabaseBytes.userVersion, with: [0, 0, 0, 9])
            try DatabaseBytes.overwrite(path, at: DatabaseBytes.writeVersion, with: [1, 1])
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            for salvaging in [false, true] {
                let expected = StoreError.newer(path, found: 9, supported: 2)
                let error = #expect(throws: expected) {
                    try KeyedStore(directory: directory, salvaging: salvaging)
                }
                #expect(error?.description.contains("Upgrade") == true)
                try #expect(Data(contentsOf: URL(fileURLWithPath: path)) == before)
            }
        }
    }
}
