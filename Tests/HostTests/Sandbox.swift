import Glibc
import Host
import Testing

/// Places of their own for tests that touch the machine.
///
/// Each is gone when its body ends, however that ends.
enum Sandbox {
    static let isRoot = Privilege.isRoot

    /// A new directory under /tmp, with a short name because socket paths are short.
    static func directory<Result>(
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let path = "/tmp/gvho-\(fresh())"
        try #require(mkdir(path, 0o755) == 0)
        return try await finally {
            try await body(path)
        } end: {
            try await require("rm", ["-rf", path])
        }
    }

    /// A file system in memory of so many KiB, for root only.
    static func disk<Result>(
        kibibytes: Int,
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        try await directory { path in
            try await require("mount", ["-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path])
            return try await finally {
                try await body(path)
            } end: {
                try await require("umount", ["-l", path])
            }
        }
    }

    /// A network namespace with nothing but a loopback interface that is up, for root only.
    static func namespace<Result>(
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let name = "gvho-\(fresh())"
        return try await finally {
            // In here, so that one that was made though it took too long goes as well.
            try await require("ip", ["netns", "add", name])
            try await require("ip", ["-n", name, "link", "set", "lo", "up"])
            return try await body(name)
        } end: {
            try await require("ip", ["netns", "delete", name])
        }
    }

    /// Runs a program that must succeed.
    @discardableResult
    static func require(_ program: String, _ arguments: [String]) async throws -> String {
        // Other tests may keep all processors for a while.
        let output = try await Program(program).run(arguments, within: .seconds(120))
        try #require(output.isSuccess, "\(program) \(arguments): \(output.complaint)")
        return output.text
    }

    /// Returns when a condition holds; the test's time limit ends the wait otherwise.
    static func wait(until isTrue: () -> Bool) async throws {
        while !isTrue() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private static func fresh() -> String { String(Entropy.number(), radix: 36) }

    private static func finally<Result>(
        _ body: () async throws -> Result,
        end: @Sendable () async throws -> Void
    ) async throws -> Result {
        let result: Result
        do {
            result = try await body()
        } catch {
            try? await end()
            throw error
        }
        try await end()
        return result
    }
}
