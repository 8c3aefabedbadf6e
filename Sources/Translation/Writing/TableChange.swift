/// The way from one table to another: found once, and asked for all that depends on it.
package struct TableChange: Sendable {
    let nat: SectionChange
    let filter: SectionChange
    let widening: Widening

    /// - Parameters:
    ///   - current: Ours, as the kernel has it.
    ///   - wanted: What it is to become.
    package init(from current: TranslationTable, to wanted: TranslationTable) {
        nat = SectionChange(of: .nat, from: current.nat, to: wanted.nat)
        filter = SectionChange(of: .filter, from: current.filter, to: wanted.filter)
        widening = Widening(filter, from: current.filter)
    }

    package var isEmpty: Bool { nat.isEmpty && filter.isEmpty }

    /// The chains of service ports that are in the kernel and are written anew, sorted: their
    /// counters begin at 0 then.
    package var rewrittenChains: [String] {
        let there = Set(nat.replaced.map(\.name))
        return nat.changed.map(\.name).filter { name in
            there.contains(name) && ChainName.portKey(of: name) != nil
        }
    }

    /// The service ports of which a chain comes, changes or goes, by `ChainName.portKey`, sorted.
    package var ports: [String] {
        let names = nat.changed.map(\.name) + nat.replaced.map(\.name)
        return Set(names.compactMap(ChainName.portKey)).sorted()
    }

    /// The runs that go this way, to be made in order; none where there is nothing to do.
    ///
    /// What fits into one run is changed in one moment. Of more, new chains come first, then what
    /// leads to them; deletions come last. So after every run, also if it is the last one, each
    /// address leads where it did or where it shall. Only changed chains are written. A run that
    /// fails leaves those before it: read the kernel again and ask anew.
    ///
    /// - Parameter chainsPerRun: How many chains to write at once: `RestoreRun.chainsAtOnceNFT` or
    ///   `RestoreRun.chainsAtOnceLegacy`.
    /// - Returns: At most one run of removals, which comes last.
    package func runs(chainsPerRun: Int) -> [RestoreRun] {
        precondition(chainsPerRun > 0, "runs of \(chainsPerRun) chains")
        var runs: [RestoreRun] = []
        if nat.changed.count <= chainsPerRun {
            let text =
                filter.text(writing: widening.before)
                + nat.text(writing: nat.changed, jumps: true)
                + filter.text(writing: widening.after, jumps: true)
            let leavesWays =
                nat.hooks.isEmpty && filter.hooks.isEmpty && filter.changed.isEmpty
                && nat.changed.allSatisfy { ChainName.isOfService($0.name) }
            let purpose = leavesWays ? RestoreRun.Purpose.services : .dispatch
            if !text.isEmpty { runs.append(RestoreRun(purpose: purpose, text: text)) }
        } else {
            runs = severalRuns(chainsPerRun)
        }
        let removal = nat.removalText + filter.removalText
        if !removal.isEmpty { runs.append(RestoreRun(purpose: .removal, text: removal)) }
        return runs
    }

    /// The runs that write more chains than fit into one.
    private func severalRuns(_ chainsPerRun: Int) -> [RestoreRun] {
        let order = WritingOrder(of: nat)
        var runs = order.services.parts(of: chainsPerRun).map { part in
            RestoreRun(purpose: .services, text: nat.text(writing: part.flatMap { $0 }))
        }
        var parts = order.dispatch.parts(of: chainsPerRun)
        let entry = (parts.popLast() ?? []) + order.last
        runs += parts.map { RestoreRun(purpose: .dispatch, text: nat.text(writing: Array($0))) }
        let dispatch =
            filter.text(writing: widening.before)
            + nat.text(writing: Array(entry), jumps: true)
            + filter.text(writing: widening.after, jumps: true)
        if !dispatch.isEmpty { runs.append(RestoreRun(purpose: .dispatch, text: dispatch)) }
        return runs
    }
}

extension Array {
    /// The elements in order, in parts of at most `size`.
    fileprivate func parts(of size: Int) -> [ArraySlice<Element>] {
        let size = Swift.min(size, Swift.max(count, 1))
        return stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
