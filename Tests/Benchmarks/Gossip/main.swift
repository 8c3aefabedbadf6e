import Glibc

// What gossip reaches, beside its targets (gossip design, section 5) and beside a model of
// memberlist's rules. All figures are of virtual time and of counted bytes: they are the same on
// every machine. `make bench-gossip` calls it.

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(Options.usage)
    exit(2)
}
let workloads = Workloads(options: options)
print(Line.titles)
if options.wants("T1") { workloads.spread() }
if options.wants("T2") { workloads.countSends() }
if options.wants("T5") { workloads.crash() }
if options.wants("T7") { workloads.healing() }
if options.wants("T9") { workloads.idle() }
