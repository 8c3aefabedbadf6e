/// One call of `iptables-restore --noflush`: short enough not to hold the kernel's lock long.
package struct RestoreRun: Hashable, Sendable {
    package let purpose: Purpose
    /// What to feed it.
    package let text: String

    /// How many chains to write at once through iptables-nft, which takes time by the square of
    /// their number.
    package static let chainsAtOnceNFT = 500

    /// How many through iptables-legacy, which uploads everything in each run: all of them.
    package static let chainsAtOnceLegacy = Int.max

    /// What a run does; also the order in which runs are made.
    package enum Purpose: Hashable, Sendable {
        /// Chains that nothing leads to yet, or that stay where they are with other endpoints.
        case services
        /// The chains that lead to them, and the jumps from built-in chains; where there is one
        /// run for all, that one.
        case dispatch
        /// Chains that nothing leads to any more.
        case removal
    }
}

extension TranslationTable {
    /// The runs that turn what the kernel has into this table, to be made in order; none where
    /// they are equal.
    ///
    /// What fits into one run is changed in one moment. Of more, new chains come first, then what
    /// leads to them; deletions come last. So after every run, also if it is the last one, each
    /// address leads where it did or where it shall. Only changed chains are written. A run that
    /// fails leaves those before it: read the kernel again and ask anew.
    ///
    /// - Parameters:
    ///   - current: Ours, read from the kernel a moment ago.
    ///   - chainsPerRun: How many chains to write at once: `RestoreRun.chainsAtOnceNFT` or
    ///     `RestoreRun.chainsAtOnceLegacy`.
    /// - Returns: At most one run of removals, which comes last.
    package func runs(from current: TranslationTable, chainsPerRun: Int) -> [RestoreRun] {
        precondition(chainsPerRun > 0, "runs of \(chainsPerRun) chains")
        let nat = SectionChange(of: .nat, from: current.nat, to: self.nat)
        let filter = SectionChange(of: .filter, from: current.filter, to: self.filter)

        let widening = Widening(filter, from: current.filter)
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
            runs = Self.severalRuns(nat, filter, widening, chainsPerRun)
        }
        let removal = nat.removalText + filter.removalText
        if !removal.isEmpty { runs.append(RestoreRun(purpose: .removal, text: removal)) }
        return runs
    }

    /// The runs that write more chains than fit into one.
    private static func severalRuns(
        _ nat: SectionChange,
        _ filter: SectionChange,
        _ widening: Widening,
        _ chainsPerRun: Int
    ) -> [RestoreRun] {
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

    /// The runs that remove everything of ours and leave everything else as it is.
    package static func cleanup(of current: TranslationTable) -> [RestoreRun] {
        TranslationTable.empty.runs(from: current, chainsPerRun: .max)
    }
}

extension Array {
    /// The elements in order, in parts of at most `size`.
    fileprivate func parts(of size: Int) -> [ArraySlice<Element>] {
        let size = Swift.min(size, Swift.max(count, 1))
        return stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
