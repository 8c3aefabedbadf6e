import Foundation
import Testing

@testable import Host

/// What /proc says of this process.
struct ProcessUsageTests {
    private func usage(_ stat: String) -> ProcessUsage? {
        ProcessUsage(
            stat: stat,
            machine: "cpu 1 2 3\nbtime 1000\nprocesses 9\n",
            limits:
                "Limit  Soft  Hard  Units\nMax open files            1024                 4096   files\n",
            openFiles: 7,
            ticksPerSecond: 100,
            pageBytes: 4096
        )
    }

    @Test func `a program may be called anything`() throws {
        let fields = "S 1 1 1 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 4200 8192 3"
        let found = try #require(usage("42 (a) b (c) \(fields) 18446744073709551615"))
        #expect(found.cpuSeconds == 3)
        #expect(found.startedAt == 1042)
        #expect(found.virtualBytes == 8192)
        #expect(found.residentBytes == 3 * 4096)
        #expect(found.openFiles == 7)
        #expect(found.maximumFiles == 1024)
    }

    @Test(arguments: [
        "", "42 (a", "42 (a) S 1 2", "42 (a) S x x x x x x x x x x x x x x x x x x x x x",
    ])
    func `what is no line of proc is nothing`(stat: String) { #expect(usage(stat) == nil) }

    @Test func `this process has memory, files and a past`() throws {
        let found = try #require(ProcessUsage.now())
        #expect(found.residentBytes > 1 << 20)
        #expect(found.virtualBytes >= found.residentBytes)
        #expect(found.openFiles > 2)
        #expect(found.startedAt < Date().timeIntervalSince1970 + 2)
    }
}
