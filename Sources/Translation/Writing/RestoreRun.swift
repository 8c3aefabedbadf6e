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
    /// The runs that turn what the kernel has into this table: those of `TableChange`.
    package func runs(from current: TranslationTable, chainsPerRun: Int) -> [RestoreRun] {
        TableChange(from: current, to: self).runs(chainsPerRun: chainsPerRun)
    }

    /// The runs that remove everything of ours and leave everything else as it is.
    package static func cleanup(of current: TranslationTable) -> [RestoreRun] {
        TranslationTable.empty.runs(from: current, chainsPerRun: .max)
    }
}
