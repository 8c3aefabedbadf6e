import BenchWorld
import Glibc

// How fast the simulator runs the real node, and how much memory it takes. Each verb is a process
// of its own; `Tests/Benchmarks/speed` calls them as they should be.

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 3, let nodes = Int(arguments[1]), let number = Int(arguments[2]) else {
    print("SpeedBench idle|warm NODES SECONDS   virtual seconds with one change each")
    print("SpeedBench listen NODES SECONDS      what is said while nobody wants anything")
    print("SpeedBench cut NODES RACK            a rack is cut off and comes back")
    exit(2)
}
guard ["idle", "warm", "listen", "cut"].contains(arguments[0]) else {
    print("SpeedBench knows no \(arguments[0])")
    exit(2)
}
var village = Village(nodes: nodes, isWarm: arguments[0] != "idle")
switch arguments[0] {
case "cut": village.cut(rack: number)
case "listen": village.listen(seconds: number)
default: village.idle(seconds: number)
}
