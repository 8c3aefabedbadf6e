import Registry
import Vocabulary

/// What every rule depends on, whichever service it is about.
struct Frame: Hashable, Sendable {
    let machine: LocalMachine
    let family: IPAddress.Family
    let ranges: AddressRanges
    /// Whether rules name their services.
    let hasComments: Bool

    /// `nil` where there is no range that services could have addresses from: no rules at all.
    var layout: Layout? {
        let ours = ranges.serviceRanges(of: family).sorted()
        guard !ours.isEmpty, ours.allSatisfy({ $0.prefixLength > 0 }) else { return nil }
        return Layout(
            family: family,
            ranges: ours,
            nodePorts: ranges.nodePorts,
            podCIDRs: machine.podCIDRs.filter { $0.family == family && $0.prefixLength > 0 }
        )
    }
}
