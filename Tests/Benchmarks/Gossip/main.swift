import BenchWorld
import Glibc

// What gossip reaches, beside its targets (gossip design, section 5) and beside a model of
// memberlist's rules. All figures are of virtual time and of counted bytes: they are the same on
// every machine. `make bench-gossip` calls it.

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(Options.usage)
    exit(2)
}
let workloads = Workloads(options: options)
print(Line.titles(rival: "model of memberlist"))
if options.wants("T1") { workloads.spread() }
if options.wants("T2") { workloads.countSends() }
if options.wants("T3") { workloads.churn() }
if options.wants("T4") { workloads.flood() }
if options.wants("T5") { workloads.crash() }
if options.wants("T6") { workloads.doubt() }
if options.wants("T6") { workloads.flap() }
if options.wants("T7") { workloads.heal() }
if options.wants("T8") { workloads.repair() }
if options.wants("T9") { workloads.idle() }
if options.wants("T10") { workloads.join() }
if options.wants("T12") { workloads.countAttacks() }
if options.wants("T13") { workloads.countChecks() }
if options.wants("T14") { workloads.countSchedules() }
if options.wants("T15") { workloads.restartMany() }
if options.wants("T16") { workloads.countFuzzing() }
// Last, for it is about all that was sent for the others.
if options.wants("T11") { workloads.showLongestDatagram() }
