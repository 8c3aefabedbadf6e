import Foundation
import Glibc

/// A network namespace of a test: made with `ip netns`, gone with `remove()`.
struct KernelNamespace: Sendable {
    let name: String

    /// - Parameter role: At most seven letters.
    /// - Throws: `KernelFailure`, and leaves nothing behind.
    init(_ role: String) throws {
        // Suites run side by side.
        name = "gvtr-\(getpid())-\(role)-\(UInt16.random(in: 0...(.max)))"
        try Self.ip("netns", "add", name)
        do {
            try Self.ip("-n", name, "link", "set", "lo", "up")
        } catch {
            remove()
            throw error
        }
    }

    func remove() {
        _ = try? Self.ip("netns", "del", name)
    }

    /// Runs `ip` inside.
    func ip(_ words: String) throws {
        try Self.ip("-n", name, words.split(separator: " ").map(String.init))
    }

    /// Does something on this thread as if the process lived in the namespace.
    ///
    /// A socket made there stays there.
    func inside<Result>(_ body: () throws -> Result) throws -> Result {
        let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        let there = open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
        defer {
            close(home)
            close(there)
        }
        guard home >= 0, there >= 0, Self.enter(there) == 0 else {
            throw KernelFailure("cannot enter \(name): errno \(errno)")
        }
        defer { precondition(Self.enter(home) == 0, "no way back from \(name)") }
        return try body()
    }

    /// Sets a value below `/proc/sys/net/ipv4`.
    func set(_ key: String, _ value: String) throws {
        try inside {
            try Data(value.utf8).write(to: URL(fileURLWithPath: "/proc/sys/net/ipv4/\(key)"))
        }
    }

    /// Runs a program inside.
    ///
    /// - Returns: What it wrote to its standard output.
    /// - Throws: `KernelFailure` with what it wrote to its standard error, where it failed.
    @discardableResult
    func run(_ program: String, _ arguments: [String] = [], input: String = "") throws -> String {
        try Self.run("ip", ["netns", "exec", name, program] + arguments, input: input)
    }

    /// `setns(descriptor, CLONE_NEWNET)`, which Swift's view of glibc leaves out.
    private static func enter(_ descriptor: Int32) -> Int32 {
        typealias SetNS = @convention(c) (Int32, Int32) -> Int32
        guard let symbol = dlsym(nil, "setns") else { return -1 }
        return unsafeBitCast(symbol, to: SetNS.self)(descriptor, 0x4000_0000)
    }

    private static func ip(_ arguments: String...) throws { try run("ip", arguments) }

    private static func ip(_ option: String, _ name: String, _ rest: [String]) throws {
        try run("ip", [option, name] + rest)
    }

    @discardableResult
    private static func run(
        _ program: String,
        _ arguments: [String],
        input: String = ""
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
        // The lock of iptables-legacy is one for the whole machine unless it is told otherwise.
        environment["XTABLES_LOCKFILE"] = "/tmp/gvtr-\(getpid()).lock"
        process.environment = environment
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try stderr.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = String(decoding: complaint, as: UTF8.self)
            throw KernelFailure("\(program) \(arguments.joined(separator: " ")): \(said)")
        }
        return String(decoding: output, as: UTF8.self)
    }
}

struct KernelFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Which of the two programs writes the rules.
enum KernelFlavour: String, CaseIterable, Sendable {
    case nft
    case legacy

    /// Why no kernel test can run here, or `nil`.
    static var obstacle: String? {
        if geteuid() != 0 { return "kernel tests need root" }
        for tool in ["ip", "iptables-nft-restore", "iptables-legacy-restore"]
        where access("/usr/sbin/\(tool)", X_OK) != 0 && access("/sbin/\(tool)", X_OK) != 0 {
            return "kernel tests need \(tool)"
        }
        return nil
    }
}
