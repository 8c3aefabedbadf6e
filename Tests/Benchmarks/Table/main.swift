import BenchWorld
import Glibc

// What the translation table costs, beside its targets (design, dataplane.md) and beside the
// layout that kube-proxy writes for the same services. `make bench-table` calls it.

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(Options.usage)
    exit(2)
}
do {
    try Conductor(options: options).run()
} catch {
    complain("\(error)")
    exit(1)
}
