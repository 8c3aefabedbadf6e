import BenchWorld
import Glibc

/// A program that was started and has not been waited for.
struct RunningChild {
    private let path: String
    let process: pid_t
    private let begin: Int64
    /// Its input, its output and its complaints.
    private let files: [Int32]

    init(_ words: [String], input: String?) throws {
        guard let name = words.first, let path = Child.path(of: name) else {
            throw BenchFailure("\(words.first ?? "nothing") is not installed")
        }
        self.path = path
        begin = wallTime()
        let files = try [Self.file(holding: input ?? ""), Self.file(), Self.file()]
        self.files = files
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
        }
        var arguments = words.map { strdup($0) } + [nil]
        var environment = Child.environment.map { strdup($0) } + [nil]
        defer { for word in arguments + environment { free(word) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, path, &actions, nil, &arguments, &environment)
        guard error == 0 else { throw BenchFailure("cannot run \(path): errno \(error)") }
        self.process = process
    }

    /// Waits for its end; to be called once.
    func wait() throws -> Child.Result {
        guard let result = try result(0) else { throw BenchFailure("lost \(path)") }
        return result
    }

    /// Its result if it has come to its end; not to be called again after that.
    func poll() throws -> Child.Result? { try result(WNOHANG) }

    private func result(_ options: Int32) throws -> Child.Result? {
        var status: Int32 = 0
        var usage = rusage()
        var ended = wait4(process, &status, options, &usage)
        while ended < 0 && errno == EINTR { ended = wait4(process, &status, options, &usage) }
        if ended == 0 { return nil }
        guard ended == process else { throw BenchFailure("lost \(path): errno \(errno)") }
        let end = wallTime()
        defer { for file in files { close(file) } }
        return Child.Result(
            status: Child.code(status),
            output: Self.content(of: files[1]),
            complaint: Self.content(of: files[2]),
            wall: end - begin,
            processor: Self.nanoseconds(usage.ru_utime) + Self.nanoseconds(usage.ru_stime),
            peakBytes: usage.ru_maxrss * 1024
        )
    }

    private static func nanoseconds(_ time: timeval) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_usec) * 1_000
    }

    /// Makes a file without a name, at its beginning.
    static func file(holding text: String = "") throws -> Int32 {
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
