import BenchWorld
import Glibc

// What a registry of 10,000 nodes costs. Each verb is a process of its own, so that none measures
// the memory or the caches of another one; `Tests/Benchmarks/run` calls them all.

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2, let nodes = Int(arguments.count > 2 ? arguments[2] : "10000") else {
    print("RegistryBench world|memory|accept|change|trie FILE [NODES]")
    print("`Tests/Benchmarks/run` calls it as it should be")
    exit(2)
}
let file = WorldFile(arguments[1])
let world = BenchWorld(nodes: nodes)
switch arguments[0] {
case "world": makeWorld(world, into: file)
case "memory": measureMemory(world, from: file)
case "accept": measureAccepting(world, from: file)
case "change": measureChanges(world, from: file)
case "trie": measureTrie(world, from: file)
default: print("RegistryBench knows no \(arguments[0])")
}
