import Glibc

/// What this process takes of its machine, by the word of /proc (proc(5)).
package struct ProcessUsage: Hashable, Sendable {
    /// Processor time since it started, user and system.
    package let cpuSeconds: Double
    /// Memory in RAM.
    package let residentBytes: Int
    package let virtualBytes: Int
    package let openFiles: Int
    /// The soft limit of open files; `nil` where there is none.
    package let maximumFiles: Int?
    /// Seconds since 1970.
    package let startedAt: Double

    /// What it is now, or `nil` where /proc is not there.
    package static func now() -> ProcessUsage? {
        guard let stat = Directory.text(of: "/proc/self/stat"),
            let machine = Directory.text(of: "/proc/stat")
        else { return nil }
        return ProcessUsage(
            stat: stat,
            machine: machine,
            limits: Directory.text(of: "/proc/self/limits") ?? "",
            openFiles: Directory.names(at: "/proc/self/fd").count,
            ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageBytes: sysconf(Int32(_SC_PAGESIZE))
        )
    }

    /// Reads the texts of /proc/self/stat, /proc/stat and /proc/self/limits.
    init?(
        stat: String,
        machine: String,
        limits: String,
        openFiles: Int,
        ticksPerSecond: Double,
        pageBytes: Int
    ) {
        // The second field is the program's name, which may hold anything but ends with the last
        // parenthesis; the third one is at 0 here.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19]), let virtual = Int(fields[20]),
            let pages = Int(fields[21])
        else { return nil }
        let boot = machine.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let booted = boot.flatMap({ Double($0.dropFirst(6)) }) else { return nil }
        cpuSeconds = (user + system) / ticksPerSecond
        residentBytes = pages * pageBytes
        virtualBytes = virtual
        self.openFiles = openFiles
        let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        maximumFiles = line.flatMap { $0.dropFirst(14).split(separator: " ").first }
            .flatMap { Int($0) }
        startedAt = booted + start / ticksPerSecond
    }
}
