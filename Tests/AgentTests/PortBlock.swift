import Foundation
import Synchronization

/// Ten ports in a row that no other test of this process has, and nobody else on this machine.
///
/// Tests run beside each other: where each drew its ports by chance, one run in ten had two that
/// wanted the same.
enum PortBlock {
    private static let size = 10
    private static let count = 1_000
    private static let last = Mutex(Int.random(in: 0..<count))

    /// - Returns: The first of them.
    static func take() -> UInt16 {
        let taken = ["udp", "tcp", "udp6", "tcp6"]
            .map { (try? String(contentsOfFile: "/proc/net/\($0)", encoding: .utf8)) ?? "" }
            .joined()
        while true {
            let number = last.withLock { last in
                last = (last + 1) % count
                return last
            }
            let base = UInt16(20_000 + number * size)
            let isFree = (base..<base + UInt16(size)).allSatisfy { port in
                !taken.contains(String(format: ":%04X ", Int(port)))
            }
            if isFree { return base }
        }
    }
}
