import Glibc

/// A network namespace without a name: the kernel drops it when nothing of this process is in it
/// or holds it, however the process ends.
final class Namespace {
    private let descriptor: Int32

    private static let here = "/proc/thread-self/ns/net"
    private static let cloneNewNet: Int32 = 0x4000_0000

    init() throws {
        let home = open(Self.here, O_RDONLY | O_CLOEXEC)
        defer { close(home) }
        guard home >= 0, Self.call("unshare", Self.cloneNewNet) == 0 else {
            throw BenchFailure("cannot make a network namespace: errno \(errno)")
        }
        descriptor = open(Self.here, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, Self.call("setns", home, Self.cloneNewNet) == 0 else {
            throw BenchFailure("no way back from a network namespace: errno \(errno)")
        }
        try ip("link set lo up")
    }

    deinit { close(descriptor) }

    /// What other processes of ours may call it.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Does something on this thread as if the process lived there; sockets made there stay there.
    func inside<Result>(_ body: () throws -> Result) throws -> Result {
        let home = open(Self.here, O_RDONLY | O_CLOEXEC)
        defer { close(home) }
        guard home >= 0, Self.call("setns", descriptor, Self.cloneNewNet) == 0 else {
            throw BenchFailure("cannot enter a network namespace: errno \(errno)")
        }
        defer {
            precondition(Self.call("setns", home, Self.cloneNewNet) == 0, "no way back: \(errno)")
        }
        return try body()
    }

    /// Runs a program there, which must end well.
    @discardableResult
    func run(_ words: [String], input: String? = nil) throws -> Child.Result {
        let result = try inside { try Child.run(words, input: input) }
        guard result.status == 0 else {
            throw BenchFailure("\(words.joined(separator: " ")): \(result.complaint)")
        }
        return result
    }

    func ip(_ words: String) throws {
        try run(["ip"] + words.split(separator: " ").map(String.init))
    }

    /// Sets a value below `/proc/sys/net`.
    func set(_ key: String, _ value: String) throws {
        try inside {
            let file = open("/proc/sys/net/\(key)", O_WRONLY | O_CLOEXEC)
            defer { close(file) }
            let bytes = Array(value.utf8)
            guard file >= 0, write(file, bytes, bytes.count) == bytes.count else {
                throw BenchFailure("cannot set \(key): errno \(errno)")
            }
        }
    }

    /// `unshare` and `setns`, which Swift's view of glibc leaves out.
    private static func call(_ name: String, _ arguments: Int32...) -> Int32 {
        guard let symbol = dlsym(nil, name) else { return -1 }
        if arguments.count == 1 {
            typealias One = @convention(c) (Int32) -> Int32
            return unsafeBitCast(symbol, to: One.self)(arguments[0])
        }
        typealias Two = @convention(c) (Int32, Int32) -> Int32
        return unsafeBitCast(symbol, to: Two.self)(arguments[0], arguments[1])
    }
}

/// Why nothing could be measured.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
