import Foundation
import Host

/// Directories for tests of what is on the disk; they are gone when the body ends.
enum SmallDisk {
    static func directory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = "/tmp/gvag-disk-\(Entropy.number())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    /// A file system in memory, for root only.
    static func with<Result>(
        kibibytes: Int,
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        try await directory { path in
            try run("mount", ["-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path])
            defer { try? run("umount", ["-l", path]) }
            return try await body(path)
        }
    }

    /// Leaves no room on the disk of a directory.
    ///
    /// - Returns: What to remove to make room again.
    static func fill(_ directory: String) -> String {
        let path = "\(directory)/fill"
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        let block = [UInt8](repeating: 0, count: 512)
        while write(descriptor, block, block.count) == block.count {}
        close(descriptor)
        return path
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/\(program)")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NeverHappened(what: program) }
    }
}
