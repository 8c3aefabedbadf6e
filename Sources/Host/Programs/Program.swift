import Glibc
import Subprocess
import SystemPackage

/// A program of the machine that we run: with a time limit, a bounded output, and nothing of ours
/// open in it (swift-subprocess closes every descriptor above the three).
package struct Program: Hashable, Sendable {
    /// `iptables-restore`: found in the system's directories, whatever our own PATH says.
    package let name: String
    /// The network namespace it runs in, or `nil` for our own.
    ///
    /// It is for tests, which must not touch the machine they run on.
    package let namespace: String?
    /// Set besides PATH and LC_ALL.
    package var environment: [String: String] = [:]

    package init(_ name: String, namespace: String? = nil) {
        self.name = name
        self.namespace = namespace
    }

    /// What a program said before it ended.
    package struct Output: Hashable, Sendable {
        /// 0...255, or 128 and the signal that ended it, as a shell counts.
        package let status: Int32
        /// The number that it had.
        package let process: Int32
        package let text: String
        package let complaint: String

        package var isSuccess: Bool { status == 0 }
    }

    /// Runs it and waits for its end, or kills it after the limit.
    ///
    /// A status other than 0 is no error here; not to end by itself is one.
    package func run(
        _ arguments: [String] = [],
        input: [UInt8] = [],
        within limit: Duration = .seconds(10)
    ) async throws(ProgramError) -> Output {
        do {
            return try await withThrowingTaskGroup(of: Output?.self) { group in
                group.addTask { try await start(arguments, input: input) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let output = try await group.next() ?? nil else {
                    throw ProgramError.timedOut(name, after: limit)
                }
                return output
            }
        } catch {
            throw explain(error)
        }
    }

    /// The longest output: 240,000 rules take some thirty megabytes.
    private static let outputBytes = 128 << 20
    private static let complaintBytes = 1 << 20

    /// Where Debian keeps programs, in the order a root shell looks.
    static let directories = [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
    ]

    private func start(_ arguments: [String], input: [UInt8]) async throws -> Output {
        var words = [name] + arguments
        if let namespace { words = ["ip", "netns", "exec", namespace] + words }
        guard let path = Self.path(of: words[0]) else { throw ProgramError.missing(name) }
        var variables = environment
        variables["PATH"] = Self.directories.joined(separator: ":")
        variables["LC_ALL"] = "C"
        var options = PlatformOptions()
        options.processGroupID = 0  // A Ctrl-C at our terminal is for us alone.
        // A file and no pipe: a program may end before it has read everything, and a broken pipe
        // is SIGPIPE for us and a trap in swift-subprocess 1.0.2.
        let file = try Self.memoryFile(holding: input)
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(Array(words.dropFirst())),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: variables.map { (.init(stringLiteral: $0), $1) })
            ),
            platformOptions: options,
            input: .fileDescriptor(file, closeAfterSpawningProcess: true),
            output: .bytes(limit: Self.outputBytes),
            error: .bytes(limit: Self.complaintBytes)
        )
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Output(
            status: status,
            process: result.processIdentifier.value,
            text: String(decoding: result.standardOutput, as: UTF8.self),
            complaint: String(decoding: result.standardError, as: UTF8.self)
        )
    }

    private static func memoryFile(holding bytes: [UInt8]) throws -> FileDescriptor {
        let name = "/grapevine-\(Entropy.number())"
        let file = FileDescriptor(rawValue: shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600))
        guard file.rawValue >= 0 else { throw Errno.last }
        shm_unlink(name)
        do {
            try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            throw error
        }
    }

    private func explain(_ error: any Error) -> ProgramError {
        switch error {
        case let error as ProgramError: error
        case is CancellationError: .cancelled(name)
        case let error as SubprocessError where error.code == .executableNotFound: .missing(name)
        case let error as SubprocessError where error.code == .outputLimitExceeded:
            .failed(name, detail: "it writes more than \(Self.outputBytes) bytes")
        default: .failed(name, detail: "\(error)")
        }
    }
}

/// Why a program did not come to its end.
package enum ProgramError: HostError, Hashable {
    /// It is not installed.
    case missing(String)
    /// It hung and was killed.
    case timedOut(String, after: Duration)
    /// Our task was cancelled, and the program was killed.
    case cancelled(String)
    case failed(String, detail: String)

    package var description: String {
        switch self {
        case .missing(let name):
            let package = Program.debianPackage(of: name)
            return "the program \(name) is not installed. sudo apt install \(package)"
        case .timedOut(let name, let limit):
            return "\(name) did not end within \(limit) and was killed. Does another program "
                + "hold what it waits for? ps -ef | grep \(name)"
        case .cancelled(let name):
            return "\(name) was stopped because the agent stops"
        case .failed(let name, let detail):
            return "cannot run \(name): \(detail). Try it by hand: sudo \(name) --version"
        }
    }
}
