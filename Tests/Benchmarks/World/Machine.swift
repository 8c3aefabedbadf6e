import Glibc

/// Nanoseconds of processor time that this thread used: what a figure of "one core" is about,
/// whatever else the machine has to do.
package func threadTime() -> Int64 { clock(CLOCK_THREAD_CPUTIME_ID) }

/// Nanoseconds of processor time of all threads of this process.
package func processTime() -> Int64 { clock(CLOCK_PROCESS_CPUTIME_ID) }

/// Nanoseconds on the clock on the wall.
package func wallTime() -> Int64 { clock(CLOCK_MONOTONIC) }

private func clock(_ id: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(id, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Bytes of this process that are that are in memory now.
package func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let words = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
        as: UTF8.self
    )
    .split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
}
