import Simulation
import Vocabulary

// The second door that a fuzzer knocks at: bytes are records (see `RecordOrdeal`). A trap is what
// it looks for. `Tests/Fuzz/run` builds and starts it.

/// Made once, and copied for each script.
private let beginning = RecordOrdeal(Seed(1))

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var ordeal = beginning
    ordeal.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
