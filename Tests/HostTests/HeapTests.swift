import Foundation
import Testing

@testable import Host

/// What becomes of memory that was freed.
struct HeapTests {
    private var resident: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(getpagesize())
    }

    @Test func `memory below a piece that is still used goes back to the machine`() {
        let pieces = (0..<64_000).map { _ in
            let piece = malloc(1000)
            if let piece { memset(piece, 1, 1000) }
            return piece
        }
        let full = resident
        for piece in pieces.dropLast() { free(piece) }
        Heap.giveBack()
        #expect(resident < full - 40_000_000)
        free(pieces.last ?? nil)
    }

    @Test func `memory is given back after much work, be it one piece or many`() {
        var plan = HeapPlan()
        let long = plan.isDue(after: .milliseconds(150))
        #expect(long)
        let short = (0..<10).map { _ in plan.isDue(after: .milliseconds(30)) }
        #expect(short == [3, 7].reduce(into: Array(repeating: false, count: 10)) { $0[$1] = true })
    }
}
