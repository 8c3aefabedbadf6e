import Registry
import Testing
import Translation
import Vocabulary

// One after the other with the rest: each blocks a thread while real programs run.
extension KernelTableTests {
    /// An agent that is killed in the midst of a write: after each part that the kernel takes at once,
    /// every flow goes where it went before, or where it is to go, and the next start completes it.
    @Suite struct Cuts {
        private func table(_ services: [ServiceView]) -> TranslationTable {
            let view = ClusterView(
                cluster: ClusterID(1),
                clusterName: "kernel",
                ranges: KernelVillage.ranges,
                services: services,
                nodes: []
            )
            return Rendering(of: view, on: KernelVillage.local).table
        }

        /// What the kernel takes at once: each table of each run.
        private func parts(of runs: [RestoreRun]) -> [String] {
            runs.flatMap { run in
                run.text.split(separator: "COMMIT\n").map { $0 + "COMMIT\n" }
            }
        }

        private func walk(_ text: String) throws -> PacketWalk {
            PacketWalk(
                through: try KernelRules(parsing: text),
                ownAddresses: KernelVillage.ownAddresses
            )
        }

        @Test(arguments: KernelFlavour.allCases, Seed.sweep(2))
        func `a write that is cut anywhere leaves each flow old or new`(
            flavour: KernelFlavour,
            seed: Seed
        ) throws {
            try KernelVillage.visit(flavour) { village in
                var draw = KernelDraw(seed)
                let before = draw.services()
                let after = draw.changed(before)
                let (old, new) = (table(before), table(after))
                try village.write(old)
                let oldWalk = try walk(village.save())
                let parts = parts(of: new.runs(from: old, chainsPerRun: 2))
                #expect(parts.count > 4)
                var probe = KernelProbe(village)
                for place in draw.endpoints(of: before + after) { try probe.listen(at: place) }
                let packets = draw.packets(among: before) + draw.packets(among: after)
                try village.write(new)
                let newWalk = try walk(village.save())
                var walked = 0
                var sent = 0
                for cut in 0...parts.count {
                    try village.write(old)
                    for part in parts.prefix(cut) { try village.restore(part) }
                    let here = try walk(village.save())
                    for (index, (source, place, transport)) in packets.enumerated() {
                        let packet = village.packet(from: source, to: place, transport)
                        let found = Set(try here.outcomes(of: packet).map(\.outcome))
                        let first = Set(try oldWalk.outcomes(of: packet).map(\.outcome))
                        let second = Set(try newWalk.outcomes(of: packet).map(\.outcome))
                        #expect(
                            found == first || found == second,
                            "cut \(cut): \(source) to \(place) \(transport.name)"
                        )
                        walked += 1
                        // Some of them for real; which ones differs from cut to cut.
                        guard (index + cut) % 17 == 0, !found.contains(.untouched) else { continue }
                        let happened = try probe.send(from: source, to: place, transport)
                        #expect(found.contains(happened), "cut \(cut): \(source) to \(place)")
                        sent += 1
                    }
                    // The next start.
                    try village.write(new)
                    #expect(try TranslationTable(parsing: try village.save()) == new)
                }
                print("\(flavour): \(parts.count + 1) cuts, \(walked) walks, \(sent) real packets")
            }
        }
    }
}
