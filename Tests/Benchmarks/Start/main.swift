import BenchWorld
import Glibc

// How long a node takes from its snapshot on disk to the view of a cluster of 10,000 nodes.
// `Tests/Benchmarks/run` calls it, once to write the snapshot and once to start from it.

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3, let nodes = Int(arguments.count > 3 ? arguments[3] : "10000") else {
    print("StartBench write|start FILE DIRECTORY [NODES]")
    exit(2)
}
let start = ColdStart(
    world: BenchWorld(nodes: nodes),
    file: WorldFile(arguments[1]),
    directory: arguments[2]
)
switch arguments[0] {
case "write": try await start.writeSnapshot()
case "start": try await start.measure()
default: print("StartBench knows no \(arguments[0])")
}
