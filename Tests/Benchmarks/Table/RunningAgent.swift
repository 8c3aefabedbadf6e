import BenchWorld
import Glibc

/// An agent in the namespace of a machine, with the packet filter that the machine has.
final class RunningAgent {
    private let flavour: Flavour
    private let machine: Machine
    private let home: Scratch
    private var process: RunningChild?

    /// The program as it is shipped, built beside this one.
    private static let program: String = {
        var letters = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &letters, letters.count)
        let bytes = letters.map(UInt8.init(bitPattern:))
        let own = String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
        return own.lastIndex(of: "/").map { own[...$0] + "grapevine" } ?? "grapevine"
    }()

    init(_ flavour: Flavour, _ machine: Machine, _ home: Scratch) {
        self.flavour = flavour
        self.machine = machine
        self.home = home
    }

    func start() throws {
        // The agent finds `iptables` first where it means this flavour.
        let script = try home.write(
            "start",
            """
            mkdir -p \(home.path)/bin
            for p in iptables ip6tables; do for v in '' -save -restore; do
                ln -sf /usr/sbin/$p-\(flavour.rawValue)$v \(home.path)/bin/$p$v
            done; done
            mount --make-rprivate / && mount --bind \(home.path)/bin /usr/local/sbin
            exec "$@" 2>\(home.path)/log
            """
        )
        process = try machine.start(
            ["unshare", "-m", "sh", script, Self.program]
                + words(
                    "agent --bundle \(home.path)/bundle --data-dir \(home.path)/data "
                        + "--socket \(home.path)/s --bind \(Machine.ownAddress):7747"
                )
        )
        try wait(60, "the agent answers") {
            try machine.attempt(program("status --socket \(home.path)/s")).status == 0
        }
    }

    /// Ends it, and waits for its end; its rules go with the namespace.
    func end() {
        guard let process else { return }
        kill(process.process, SIGKILL)
        _ = try? process.wait()
    }

    /// The end of its log.
    var lastWords: String {
        let log = (try? home.text(of: "\(home.path)/log")) ?? ""
        return log.split(separator: "\n").suffix(40).joined(separator: "\n")
    }

    @discardableResult
    func grapevine(_ line: String) throws -> String {
        let result = try machine.attempt(program(line))
        guard result.status == 0 else {
            throw BenchFailure("grapevine \(line): \(result.complaint)\(result.output)")
        }
        return result.output
    }

    func apply(_ yaml: String, as name: String) throws {
        let file = try home.write("\(name).yaml", yaml)
        try grapevine("apply -f \(file) --socket \(home.path)/s")
    }

    /// What `status` says of the table.
    func table() throws -> (isProgrammed: Bool, rules: Int) {
        let text = try grapevine("status --socket \(home.path)/s")
        let line = text.split(separator: "\n").first { $0.hasPrefix("Table:") } ?? ""
        let words = line.split { $0 == " " || $0 == "," }
        let place = words.firstIndex(of: "rules") ?? 0
        return (!words.contains("NOT"), place > 0 ? Int(words[place - 1]) ?? 0 : 0)
    }

    /// Nanoseconds of processor that it took, and that programs it ran and waited for took.
    func processor() throws -> (own: Int64, programs: Int64) {
        let text = try home.text(of: "/proc/\(pid())/stat")
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 14 else { throw BenchFailure("the agent is gone") }
        let numbers = fields[11...14].map { Int64($0) ?? 0 }
        let tick = 1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
        return ((numbers[0] + numbers[1]) * tick, (numbers[2] + numbers[3]) * tick)
    }

    /// Bytes in memory, and the most there were.
    func memory() throws -> (now: Int, peak: Int) {
        let lines = try home.text(of: "/proc/\(pid())/status").split(separator: "\n")
        func value(_ name: String) -> Int {
            let line = lines.first { $0.hasPrefix(name + ":") } ?? ""
            return
                (line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0)
                << 10
        }
        return (value("VmRSS"), value("VmHWM"))
    }

    private func pid() throws -> pid_t {
        guard let process else { throw BenchFailure("the agent was not started") }
        return process.process
    }

    private func program(_ line: String) -> [String] { [Self.program] + words(line) }

    private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
}

/// A directory that is gone when nobody needs it any more.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/dev/shm/grapevine-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchFailure("no directory: errno \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { _ = try? Child.run(["rm", "-rf", path]) }

    /// - Returns: The path of the file.
    func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let handle = fopen(file, "w") else { throw BenchFailure("\(file): errno \(errno)") }
        defer { fclose(handle) }
        var text = text
        let count = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, handle) }
        guard count == text.utf8.count else { throw BenchFailure("\(file): errno \(errno)") }
        return file
    }

    func text(of file: String) throws -> String {
        guard let handle = fopen(file, "r") else { throw BenchFailure("\(file): errno \(errno)") }
        defer { fclose(handle) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&bytes, 1, bytes.count, handle)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
