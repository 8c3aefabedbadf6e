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
        guard let name = words.first, let path = path(of: name) else {
            throw BenchFailure("\(words.first ?? "nothing") is not installed")
        }
        let begin = wallTime()
        let files = try [file(holding: input ?? ""), file(holding: ""), file(holding: "")]
        defer { for file in files { close(file) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
        }
        var arguments = words.map { strdup($0) } + [nil]
        var environment = environment.map { strdup($0) } + [nil]
        defer { for word in arguments + environment { free(word) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, path, &actions, nil, &arguments, &environment)
        guard error == 0 else { throw BenchFailure("cannot run \(path): errno \(error)") }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw BenchFailure("lost \(path): errno \(errno)") }
        }
        let end = wallTime()
        return Result(
            status: code(status),
            output: content(of: files[1]),
            complaint: content(of: files[2]),
            wall: end - begin,
            processor: nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
            peakBytes: usage.ru_maxrss * 1024
        )
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

    private static func code(_ status: Int32) -> Int32 {
        status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    /// The lock of iptables-legacy is one for the whole machine unless it is told otherwise.
    static let lockFile = "/tmp/grapevine-table-bench-\(getpid()).lock"

    private static let environment = [
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "XTABLES_LOCKFILE=\(lockFile)",
    ]

    private static func nanoseconds(_ time: timeval) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_usec) * 1_000
    }

    private static func file(holding text: String) throws -> Int32 {
        var template = Array("/dev/shm/grapevine-bench-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { throw BenchFailure("no file in /dev/shm: errno \(errno)") }
        unlink(template)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        var text = text
        let isWritten = text.withUTF8 { bytes -> Bool in
            var done = 0
            while done < bytes.count {
                let count = write(file, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
        guard isWritten, lseek(file, 0, SEEK_SET) == 0 else {
            throw BenchFailure("cannot write to /dev/shm: errno \(errno)")
        }
        return file
    }

    private static func content(of file: Int32) -> String {
        let size = Int(lseek(file, 0, SEEK_END))
        lseek(file, 0, SEEK_SET)
        return String(unsafeUninitializedCapacity: max(size, 0)) {
            max(read(file, $0.baseAddress, size), 0)
        }
    }
}
