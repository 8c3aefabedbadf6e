import Foundation
import Glibc
import Host
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DirectoryWatchTests {
    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func names(_ snapshot: DirectoryWatch.Snapshot?) -> [String]? {
        snapshot?.files.map { $0.path.split(separator: "/").last.map(String.init) ?? "" }
    }

    @Test func `only manifests are seen, in order, and only changes are told`() async throws {
        try await Sandbox.directory { directory in
            var watch = DirectoryWatch(directory)
            #expect(names(watch.look()) == [])
            #expect(watch.look() == nil)
            for name in ["b.yaml", "a.yml", "notes.txt", ".hidden.yaml"] {
                try write("x", to: "\(directory)/\(name)")
            }
            #expect(names(watch.look()) == ["a.yml", "b.yaml"])
            #expect(watch.look() == nil)

            try write("y", to: "\(directory)/b.yaml")
            #expect(watch.look()?.files.last?.content == .bytes(Array("y".utf8)))
            try FileManager.default.removeItem(atPath: "\(directory)/a.yml")
            #expect(names(watch.look()) == ["b.yaml"])
        }
    }

    @Test func `what cannot be read hides nothing else`() async throws {
        try await Sandbox.directory { directory in
            try FileManager.default.createDirectory(
                atPath: "\(directory)/folder.yaml",
                withIntermediateDirectories: false
            )
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/gone.yaml",
                withDestinationPath: "\(directory)/nowhere"
            )
            try #require(mkfifo("\(directory)/pipe.yaml", 0o600) == 0)
            let long = Data(count: DirectoryWatch.longestFileBytes + 1)
            try long.write(to: URL(fileURLWithPath: "\(directory)/long.yaml"))
            try write("good", to: "\(directory)/web.yaml")

            var watch = DirectoryWatch(directory)
            let first = watch.look()
            let files = try #require(first).files
            let unreadable = files.compactMap { file -> String? in
                guard case .unreadable(let error) = file.content else { return nil }
                return error.description
            }
            #expect(unreadable.count == 3, "\(unreadable)")
            #expect(unreadable.contains { $0.contains("gone.yaml: no such file") })
            #expect(files.last?.content == .bytes(Array("good".utf8)))
        }
    }

    @Test func `a directory that is made later is seen then`() async throws {
        try await Sandbox.directory { directory in
            var watch = DirectoryWatch("\(directory)/manifests", every: .milliseconds(1))
            try await #expect(names(watch.next()) == [])
            async let second = watch.next()
            try FileManager.default.createDirectory(
                atPath: "\(directory)/manifests",
                withIntermediateDirectories: false
            )
            try write("x", to: "\(directory)/manifests/a.yaml")
            try await #expect(names(second) == ["a.yaml"])
        }
    }
}
