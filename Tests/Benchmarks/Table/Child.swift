import BenchWorld
import Glibc

/// A program that is run to its end, and what it cost.
enum Child {
    struct Result {
        /// 0...255, or 128 and the signal that ended it.
        let status: Int32
        let output: String
        let complaint: String
        /// Nanoseconds from before its input was written to its end.
        let wall: Int64
        /// Nanoseconds of processor time, in user space and in the kernel.
        let processor: Int64
        /// The most bytes it had in memory.
        let peakBytes: Int
    }

    private static let directories = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    static func path(of program: String) -> String? {
        if program.hasPrefix("/") { return program }
        return directories.lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    /// Runs it in the namespace this thread is in.
    ///
    /// What it reads and writes are files without names, so that neither side waits for the other.
    static func run(_ words: [String], input: String? = nil) throws -> Result {
        let process = try RunningChild(words, input: input)
        return try process.wait()
    }

    /// Runs it with our own output, and says how it ended.
    static func follow(_ words: [String]) -> Int32 {
        guard let name = words.first, let path = path(of: name) else { return 127 }
        var arguments = words.map { strdup($0) } + [nil]
        var environment = environment.map { strdup($0) } + [nil]
        defer { for word in arguments + environment { free(word) } }
        var process: pid_t = 0
        guard posix_spawn(&process, path, nil, nil, &arguments, &environment) == 0 else {
            return 126
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return code(status)
    }

    static func code(_ status: Int32) -> Int32 {
        status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    /// The lock of iptables-legacy is one for the whole machine unless it is told otherwise.
    ///
    /// It is a file without a name, so that nothing is left behind whoever kills us.
    static let lockFile: String = {
        let file = (try? RunningChild.file()) ?? -1
        return file < 0 ? "/run/xtables.lock" : "/proc/\(getpid())/fd/\(file)"
    }()

    static let environment = [
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "XTABLES_LOCKFILE=\(lockFile)",
    ]
}
