import Registry
import Testing
import Translation
import Vocabulary

/// Reading again what was read before.
struct TableReaderTests {
    /// What `iptables-save -c` prints: each rule with counters that rise.
    private func counted(_ text: String, _ random: inout RandomStream) -> String {
        text.split(separator: "\n").map { line in
            line.hasPrefix("-A ")
                ? "[\(random.below(3)):\(random.below(9_000))] \(line)" : "\(line)"
        }
        .joined(separator: "\n") + "\n"
    }

    /// Somebody takes a rule away, or repeats one, or adds one of their own.
    private func disturbed(_ text: String, _ random: inout RandomStream) -> String {
        var lines = text.split(separator: "\n").map(String.init)
        let rules = lines.indices.filter { lines[$0].hasPrefix("-A ") }
        guard let index = random.pick(rules) else { return text }
        switch random.below(3) {
        case 0: lines.remove(at: index)
        case 1: lines.insert(lines[index], at: index)
        case _:
            let name = lines[index].split(separator: " ")[1]
            lines.insert("-A \(name) -p tcp -m tcp --dport 9 -j RETURN", at: index)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test(arguments: Seed.sweep(40))
    func `it finds what is there, whatever was there before and whoever changed it`(
        seed: Seed
    ) throws {
        var forest = Forest(seed)
        var services = forest.services(forest.random.below(40))
        var reader = TableReader()
        var kernel = try KernelRules(parsing: RunsTests.foreign)
        var written: TranslationTable?
        for _ in 0..<10 {
            // Now and then somebody changes the rules between two looks.
            if forest.random.chance(1, in: 3) {
                kernel = try KernelRules(parsing: disturbed(kernel.text, &forest.random))
            }
            let text = counted(kernel.text, &forest.random)
            let (found, others) = try reader.read(text, expecting: written)
            #expect(found == TranslationTable(in: kernel))
            let range = [Village.ranges.serviceCIDR]
            let ports = Village.ranges.nodePorts
            #expect(
                others.foreignRulesBeforeOurs(ranges: range, nodePorts: ports)
                    == kernel.foreignRulesBeforeOurs(ranges: range, nodePorts: ports)
            )
            services = forest.changed(services)
            let wanted = Rendering(of: Village.view(services), on: Village.machine).table
            let change = TableChange(from: found, to: wanted)
            reader.forget(change)
            for run in change.runs(chainsPerRun: 9) { try kernel.restore(run.text) }
            written = wanted
        }
    }
}
