import ControlAPI
import Host
import Translation

/// What people ask of the rules, between two writes.
extension TableShift {
    /// How the kernel compares with what an order asks for; `nil` where it cannot be read.
    func verify(_ order: TableOrder?) async -> TableVerification? {
        guard let order = order?.leaving(nodePorts.taken) else { return nil }
        var differences: [String] = []
        var foreign: [String] = []
        for var work in works {
            guard let found = await work.readOurs() else { return nil }
            let wanted = work.wanted(order, dead: lost.addresses(of: work.family))
            let mark = works.count > 1 ? "\(work.family): " : ""
            differences += wanted.drift(in: found).map { "\(mark)\($0)" }
            foreign += work.foreign.map { "\(mark)\($0)" }
        }
        for family in order.families where !families.contains(family) {
            differences.append("\(family): \(failures[family] ?? "no rule is written yet")")
        }
        return TableVerification(
            matches: differences.isEmpty,
            flavour: flavour.rawValue,
            differences: differences,
            foreign: foreign
        )
    }

    /// What would be written for an order now; `nil` where the kernel cannot be read.
    func difference(_ order: TableOrder?) async -> TableDifference? {
        guard let order = order?.leaving(nodePorts.taken) else { return nil }
        var runs: [TableDifference.Run] = []
        for var work in works {
            guard let found = await work.readOurs() else { return nil }
            let dead = lost.addresses(of: work.family)
            let wanted = work.rules(for: order, dead: dead).table
            runs += wanted.runs(from: found, chainsPerRun: Int.max).map { run in
                TableDifference.Run(family: "\(work.family)", text: run.text)
            }
        }
        return TableDifference(frozen: isFrozen, flavour: flavour.rawValue, runs: runs)
    }
}
