import Simulation
import Vocabulary

// The door that a fuzzer knocks at: bytes are a script of what happens to one node (see
// `Ordeal`). A trap is what it looks for. `Tests/Fuzz/run` builds and starts it.

/// A node to begin with, made once and copied for each script.
nonisolated(unsafe) private let beginning = Ordeal(Seed(1))

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var ordeal = beginning
    ordeal.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
