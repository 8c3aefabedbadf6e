import Simulation
import Vocabulary

// The door alone, for ten million knocks: bytes are one datagram that comes to one node (see
// `Ordeal.knock`), and no time passes. `NodeFuzz` plays whole scripts, and is slow at it. A trap
// is what both look for. `Tests/Fuzz/run` builds and starts them.

/// A node to begin with, made once and copied for each datagram.
nonisolated(unsafe) private let beginning = Ordeal(Seed(1))

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var ordeal = beginning
    ordeal.knock(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
